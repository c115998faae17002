import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { Step } from '../../../runner/model/step.ts'
import { typed } from '../../../runner/model/typed-question.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { ownedFileAfter } from '../owned-file.ts'

export interface SelinuxOptions {
  /** `permissive` tells of what `enforcing` would deny. */
  readonly mode: 'enforcing' | 'permissive' | 'disabled'
  /** Which policy is loaded at boot: `targeted`, `default`, `mls`; it has to be installed. @default as it is */
  readonly policy?: string
}

export interface SelinuxOut {
  /** Whether it holds only after the next boot: SELinux is switched on and off there alone. */
  readonly rebootNeeded: boolean
}

/** What the kernel does now; `off` where it has no SELinux, or was started without it. */
type Now = 'enforcing' | 'permissive' | 'off'

interface State {
  readonly now: Now
  readonly config: PathState
  readonly policy: PathState
}

const config = '/etc/selinux/config'
const enforce = '/sys/fs/selinux/enforce'

const nowProbe = typed('selinux', (): Probe<Now> => ({
  fact: 'selinux:now',
  contained: true,
  script: `s=;if [ -e ${enforce} ];then read -r s <${enforce};s=\${s:-0};fi 2>/dev/null;echo "now \${s:-off}"`,
  parse(raw) {
    const found = /^now (0|1|off)$/m.exec(raw)?.[1]
    if (found === undefined) throw unclear('SELinux', raw)
    return found === 'off' ? 'off' : found === '1' ? 'enforcing' : 'permissive'
  },
}))

/** The last line that sets it counts; a comment is none. */
function withValue(text: string, key: string, value: string): string {
  const lines = text.split('\n')
  const at = lines.findLastIndex((line) => new RegExp(`^\\s*${key}\\s*=`).test(line))
  if (at >= 0) return lines.with(at, `${key}=${value}`).join('\n')
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${key}=${value}\n`
}

/** As libselinux reads it: no blanks around `=`, and all that follows is the value. */
const valueOf = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`^[ \\t]*${key}=(.*)$`, 'gm'))].at(-1)?.[1]?.trim()

/** What the file is to say: values that are right stay as they are written. */
function textAfter({ mode, policy }: SelinuxOptions, text: string): string {
  const set = (before: string, key: string, value: string) =>
    valueOf(before, key) === value ? before : withValue(before, key, value)
  const moded = set(text, 'SELINUX', mode)
  return policy === undefined ? moded : set(moded, 'SELINUXTYPE', policy)
}

/** `undefined`: there is none. */
function textOf({ config: found }: State): string | undefined {
  const file = resolved(certain(found))
  if (file.kind === 'absent') return undefined
  if (file.kind === 'file' && file.content !== undefined) return certain(file.content)
  throw new TsplayError('COMMAND', `selinux: ${config} can not be read as text`)
}

/** Until the next boot, it can only be permissive in place of disabled. */
const nowAfter = ({ mode }: SelinuxOptions, now: Now): Now =>
  now === 'off' ? 'off' : mode === 'enforcing' ? 'enforcing' : 'permissive'

const definition = resource<SelinuxOptions, State, SelinuxOut>({
  kind: 'selinux',
  // A host has one.
  id: () => 'of the host',
  validate({ mode, policy }) {
    if (!['enforcing', 'permissive', 'disabled'].includes(certain(mode)))
      throw new TsplayError('OPTIONS', `selinux: there is no mode ${JSON.stringify(mode)}`)
    if (policy !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/.test(certain(policy)))
      throw new TsplayError('OPTIONS', `selinux: ${JSON.stringify(policy.slice(0, 80))} is no name of a policy`)
  },
  probes: ({ policy }) => ({
    now: nowProbe(),
    config: pathProbe(config, { content: 'always' }),
    policy: pathProbe(`/etc/selinux/${policy ?? ''}`, { digest: false }),
  }),
  diff(options, state): Change[] {
    const { mode, policy } = options
    const before = textOf(state)
    const now = certain(state.now)
    if (before === undefined) {
      if (mode === 'disabled' && now === 'off') return []
      throw new TsplayError('COMMAND', `selinux: there is no ${config} on the host`, {
        hint: 'install a policy first: selinux-policy-targeted, or on Debian selinux-basics and selinux-policy-default',
      })
    }
    if (mode !== 'disabled' && resolved(certain(state.policy)).kind !== 'directory')
      throw new TsplayError('COMMAND', `selinux: the policy ${policy ?? ''} is not installed on the host`)
    const after = textAfter(options, before)
    return [
      ...(before === after ? [] : [{ field: 'at boot', before, after, text: true } as const]),
      ...(nowAfter(options, now) === now ? [] : [{ field: 'now', before: now, after: nowAfter(options, now) }]),
    ]
  },
  apply(options, changes, state): Step[] {
    const differs = (field: string) => changes.some((change) => change.field === field)
    return [
      ...(differs('at boot') ? [{ upload: textAfter(options, textOf(state) ?? ''), to: config }] : []),
      ...(differs('now')
        ? [{ script: `echo ${options.mode === 'enforcing' ? 1 : 0} >${enforce}`, hint: 'Does the play become root?' }]
        : []),
    ]
  },
  after(options, state) {
    const text = textOf(state)
    return {
      ...state,
      now: nowAfter(options, state.now),
      config: text === undefined ? state.config : ownedFileAfter(state.config, textAfter(options, text)),
    }
  },
  out: ({ mode }, { now }) => ({ rebootNeeded: (now === 'off') !== (mode === 'disabled') }),
})

/**
 * Whether SELinux enforces its policy, now and at boot (/etc/selinux/config, selinux(8)). It is switched on or off by a boot alone:
 * `rebootNeeded` says so, and until then `disabled` is permissive. A host without a policy is refused.
 *
 * Before one that ran without it enforces, let it come up `permissive` and relabel its files (fixfiles(8), `/.autorelabel`).
 * Debian's kernel has to be told too, by selinux-activate. Tests hold the file; no kernel that they run on has SELinux, so
 * that it is switched at once is not tested. Contexts of files are set by `selinuxContext`, booleans and ports by none.
 * @example
 * const { rebootNeeded } = await host.ensure(selinux({ mode: 'enforcing', policy: 'targeted' }))
 * if (rebootNeeded) await reboot(host)
 */
export const selinux = (options: SelinuxOptions): Resource<SelinuxOut> => definition(options)
