import { TsplayError } from '../../../runner/model/errors.ts'
import { certain } from '../../../runner/model/unknown.ts'

export type SshdValue = string | number | boolean | readonly string[]

export type SshdValues = Readonly<Record<string, SshdValue>>

/** Keywords that add up over all files, and those that may stand only once: what counts can't be told by putting ours first. */
const adding = new Set(
  'acceptenv allowgroups allowusers denygroups denyusers hostcertificate hostkey listenaddress port setenv subsystem'.split(
    ' ',
  ),
)

/** A file of settings; throws `TsplayError('OPTIONS')` on what is no keyword or no value of one line. */
export function settingsText(
  what: string,
  settings: SshdValues,
  match: string | undefined,
): { readonly content: string; readonly comparable: string } {
  const wrong = (message: string, hint?: string) =>
    new TsplayError('OPTIONS', `${what}: ${message}`, hint === undefined ? {} : { hint })
  const entries = Object.entries(settings)
  if (entries.length === 0) throw wrong('settings are needed')
  const lines = entries.map(([keyword, value]) => {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(keyword)) throw wrong(`${JSON.stringify(keyword.slice(0, 80))} is no keyword`)
    if (/^(?:match|include)$/i.test(keyword)) throw wrong(`${keyword} is no setting`, 'match is an option of its own')
    const text = valueText(certain(value))
    // What the shells of sshd's own parser would make of it is its affair: sshd judges the file.
    if (!/^[\x21-\x7e\x80-\uffff](?:[\x20-\x7e\x80-\uffff]{0,2000}[\x21-\x7e\x80-\uffff])?$/.test(text)) {
      throw wrong(`${keyword} has to be one line, and not empty: ${JSON.stringify(text.slice(0, 80))}`)
    }
    return { keyword, line: `${keyword} ${text}\n` }
  })
  const keywords = lines.map(({ keyword }) => keyword.toLowerCase())
  const twice = keywords.find((keyword, i) => keywords.indexOf(keyword) !== i)
  if (twice !== undefined) throw wrong(`${twice} is set twice`)
  if (match === undefined) {
    const single = lines.filter(({ keyword }) => !adding.has(keyword.toLowerCase()))
    return { content: lines.map(({ line }) => line).join(''), comparable: single.map(({ line }) => line).join('') }
  }
  if (!/^[A-Za-z][\x20-\x7e]{0,500}$/.test(certain(match))) {
    throw wrong(
      `${JSON.stringify(match.slice(0, 80))} matches nobody`,
      'such as User deploy, Group sftp, Address 10.0.0.0/8',
    )
  }
  return { content: `Match ${match}\n${lines.map(({ line }) => `    ${line}`).join('')}`, comparable: '' }
}

function valueText(value: SshdValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'object' ? value.join(' ') : String(value)
}
