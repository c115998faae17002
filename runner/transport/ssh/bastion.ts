import type { Duplex } from 'node:stream'
import { ConnectError } from '../../model/errors.ts'
import { OpenSshConnection } from '../openssh/connection.ts'
import type { Target } from '../target.ts'
import { SshConnection } from './connection.ts'
import { parseKnownHosts } from './known-hosts/entry.ts'
import { linesFor } from './known-hosts/judge.ts'
import { knownHostsName } from './known-hosts/refusal.ts'
import type { SshSettings } from './settings.ts'
import { forward, parseJump } from './stream/jump.ts'

/** A connection that others may go through. */
export type Bastion = SshConnection | OpenSshConnection

/** Opens a TCP connection from a bastion. Throws ConnectError `tcp` or `timeout`. */
export function throughBastion(bastion: Bastion, host: string, port: number, timeoutMs: number): Promise<Duplex> {
  return bastion instanceof SshConnection ? forward(bastion, host, port, timeoutMs) : bastion.forward(host, port)
}

/** The last jump host of a ProxyJump as a target: it says how each before it is reached. Undefined for an empty one. Known host keys are left out. */
export function lastHop(proxyJump: string, target: Target, transport: Target['transport']): Target | undefined {
  const last = parseJump(proxyJump).at(-1)
  if (last === undefined) return undefined
  const before = proxyJump.split(',').slice(0, -1).join(',')
  return {
    name: last.address,
    ...(last.port !== undefined && { port: last.port }),
    ...(last.user !== undefined && { user: last.user }),
    ...(target.sshConfig !== undefined && { sshConfig: target.sshConfig }),
    ...(target.hostKeys !== undefined && { hostKeys: target.hostKeys }),
    ...(target.connectTimeoutMs !== undefined && { connectTimeoutMs: target.connectTimeoutMs }),
    ...(transport !== undefined && { transport }),
    ...(before !== '' && { proxyJump: before }),
  }
}

/**
 * Of the known host keys that are pinned for a host, those that speak of its jump host; undefined where none does, so that
 * the user's own files count. All hosts behind it then agree on it, and share its connection.
 */
export function pinnedForHop(lines: readonly string[] | undefined, hop: SshSettings): readonly string[] | undefined {
  const name = knownHostsName(hop)
  const pinned = lines?.filter((line) => linesFor(parseKnownHosts(line, ''), name).length > 0) ?? []
  return pinned.length === 0 ? undefined : pinned
}

/** The host behind is not at fault, and the message must say so. */
export function viaBastion(error: unknown, settings: SshSettings): unknown {
  if (!(error instanceof ConnectError)) return error
  return new ConnectError(error.stage, `${settings.name}: its jump host can not be reached: ${error.message}`, {
    cause: error,
    retryable: false,
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}
