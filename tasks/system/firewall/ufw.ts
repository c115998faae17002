import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { ScriptStep } from '../../../runner/model/step.ts'
import { certain } from '../../../runner/model/unknown.ts'
import { cutsOff, type SshConnection, sshConnectionProbe } from './ssh-connection.ts'
import { ufwAdmits } from './ufw-admits.ts'
import { ufwProbe, type UfwState } from './ufw-state.ts'

export interface UfwOptions {
  /** Whether it filters, now and at boot. @default true */
  readonly enabled?: boolean
  /** What becomes of packets to the host that no rule is about. @default as it is; ufw begins with `deny` */
  readonly incoming?: 'allow' | 'deny' | 'reject'
  /** Of packets from the host. @default as it is; ufw begins with `allow` */
  readonly outgoing?: 'allow' | 'deny' | 'reject'
  /** Of packets that are forwarded. @default as it is; ufw begins with `deny` */
  readonly routed?: 'allow' | 'deny' | 'reject'
  /** @default as it is; ufw begins with `low` */
  readonly logging?: 'off' | 'low' | 'medium' | 'high' | 'full'
  /** Whether it may cut off the SSH connection that the host is reached by. @default false */
  readonly mayDisconnect?: boolean
}

interface State {
  readonly ufw: UfwState
  readonly connection: SshConnection | undefined
}

const directions = ['incoming', 'outgoing', 'routed'] as const

const definition = resource<UfwOptions, State, object>({
  kind: 'ufw',
  id: () => 'ufw',
  validate(options) {
    for (const direction of directions) {
      const policy: string | undefined = options[direction]
      if (policy !== undefined && !/^(?:allow|deny|reject)$/.test(policy)) {
        throw new TsplayError(
          'OPTIONS',
          `ufw: ${direction} can not be ${JSON.stringify(policy)}: allow, deny or reject`,
        )
      }
    }
    const { logging } = options
    if (logging !== undefined && !/^(?:off|low|medium|high|full)$/.test(logging)) {
      throw new TsplayError('OPTIONS', `ufw: logging can not be ${JSON.stringify(logging)}`)
    }
  },
  probes: () => ({ ufw: ufwProbe(), connection: sshConnectionProbe() }),
  diff(options, { ufw, connection }): Change[] {
    const found = checkedUfw('ufw', ufw)
    const { enabled = true, mayDisconnect = false } = options
    const changes: Change[] = directions.flatMap((field) => {
      const after = options[field]
      return after === undefined || after === found[field] ? [] : [{ field, before: found[field], after }]
    })
    if (options.logging !== undefined && options.logging !== found.logging) {
      changes.push({ field: 'logging', before: found.logging, after: options.logging })
    }
    if (enabled !== found.enabled) changes.push({ field: 'enabled', before: found.enabled, after: enabled })
    else if (!found.loaded) changes.push({ field: 'in the kernel', before: 'not as it is set', after: 'as it is set' })
    if (
      enabled &&
      changes.length > 0 &&
      connection &&
      !mayDisconnect &&
      !ufwAdmits(wanted(options, found), connection)
    ) {
      throw cutsOff(
        'ufw',
        connection,
        `first: await host.ensure(ufwRule({ rule: 'limit', port: ${connection.port}, proto: 'tcp' }))`,
      )
    }
    return changes
  },
  apply({ enabled = true }, changes): ScriptStep[] {
    const commands = changes.map(({ field, after }) => {
      if (field === 'logging') return `ufw logging ${String(after)}`
      if (field === 'enabled') return `ufw --force ${enabled ? 'enable' : 'disable'}`
      return field === 'in the kernel' ? 'ufw reload' : `ufw default ${String(after)} ${field}`
    })
    return [ufwStep(commands)]
  },
  after: (options, { ufw, connection }) => ({ ufw: { ...wanted(options, ufw), loaded: true }, connection }),
  out: () => ({}),
})

const wanted = ({ enabled = true, incoming, outgoing, routed, logging }: UfwOptions, ufw: UfwState): UfwState => ({
  ...ufw,
  enabled,
  incoming: incoming ?? ufw.incoming,
  outgoing: outgoing ?? ufw.outgoing,
  routed: routed ?? ufw.routed,
  logging: logging ?? ufw.logging,
})

/** What is known of ufw, where it can be worked with. */
export function checkedUfw(what: string, ufw: UfwState): UfwState {
  const found = certain(ufw)
  if (!found.installed) {
    throw new TsplayError('COMMAND', `${what}: there is no ufw on this host`, { hint: 'install ufw first' })
  }
  if (found.readable) return found
  throw new TsplayError('COMMAND', `${what}: its rules can not be read`, { hint: 'Does the play become root?' })
}

/** ufw changes files and the kernel one after the other: what it has begun, it ends. */
export const ufwStep = (commands: readonly string[]): ScriptStep => ({
  script: `PATH=$PATH:/usr/sbin:/sbin\n${commands.join('&&\n')}`,
  onDisconnect: 'finish',
})

/**
 * ufw, the firewall of Ubuntu: whether it filters, and what it does with packets that no `ufwRule` is about. Where it is
 * enabled, the kernel is looked at too: chains that were flushed by hand are loaded again. It is not enabled while its rules
 * would not let in the SSH connection that the host is reached by. What `before.rules` lets in is not looked at.
 * @example
 * await host.ensure([
 *   ufwRule({ rule: 'limit', port: 22, proto: 'tcp' }),
 *   ufwRule({ rule: 'allow', port: '80,443', proto: 'tcp' }),
 *   ufw({ incoming: 'deny' }),
 * ])
 */
export const ufw = (options: UfwOptions = {}): Resource => definition(options)
