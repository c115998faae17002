import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import type { Resource } from '../../runner/model/resource.ts'
import type { Place } from './place.ts'
import type { Case, Hostile } from './row.ts'
import { trials } from './trial.ts'

/** Texts that break what is built carelessly; `/tmp/owned` is what they make where a shell runs them. */
export const hostileTexts: readonly string[] = [
  '',
  '\n',
  ' ',
  'no final newline',
  'several\n\n\n',
  `it's "quoted" \`touch /tmp/owned\` \\escaped\\ \\n \\0`,
  '$(touch /tmp/owned) ${HOME} $((1+1)) !! %s %d %%\n',
  "'; touch /tmp/owned; '",
  '"; touch /tmp/owned; "',
  'x\ntouch /tmp/owned\n',
  'end\ncontent\nabsent\nend\n',
  'Grüße, 世界 🙂 \u202e\ufeff\u0301',
  '\u0001\u001b[31m\u007f\t\r',
  '-n -e --help',
  '--',
  '-rf',
  '*',
  '~',
  '#',
  `${'x'.repeat(65_535)}\n`,
]

type Check = (what: string, problems: readonly string[]) => void

/** Every value of every option: refused as an option, or made, kept exactly, and then left alone. */
export async function examineHostile(place: Place, hostile: Case['hostile'] & object, check: Check): Promise<void> {
  for (const [option, one] of Object.entries(hostile)) {
    for (const value of one.values) {
      const what = `${option} ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}… (${value.length})` : value)}`
      check(what, await problemsWith(place, one, value))
      if (one.reset) await place.inside(one.reset)
    }
  }
}

async function problemsWith(place: Place, one: Hostile, value: string): Promise<string[]> {
  let resource: Resource
  try {
    resource = one.make(value)
  } catch (error) {
    return error instanceof TsplayError && error.code === 'OPTIONS' ? [] : [`threw ${String(error)}`]
  }
  const act = (host: Host) => host.ensure(resource)
  const [made, again] = await trials(place, [act, act])
  const problems: string[] = []
  const { reads, gives = (text) => text } = one
  const kept = made?.error === undefined ? reads?.(value) : undefined
  if (made?.error) {
    const refused = made.error instanceof TsplayError && made.error.code === 'OPTIONS'
    if (!refused && !one.refusal?.test(String(made.error))) problems.push(String(made.error))
  } else if (again?.status !== 'ok') problems.push(`the second run was ${again?.status}: ${String(again?.error)}`)
  const said = await place.inside(`set -e
${kept ?? ':'}
if [ -e /tmp/owned ];then rm -f /tmp/owned;printf '${ranMark}';fi`)
  const read = said.replace(ranMark, '')
  if (kept !== undefined && read !== gives(value)) problems.push(`read back as ${JSON.stringify(read.slice(0, 200))}`)
  if (said !== read) problems.push('it was run as a command')
  return problems
}

const ranMark = '(and a command was run)'
