import type { Duplex } from 'node:stream'
import { ConnectError } from '../../../model/errors.ts'
import type { SshConnection } from '../connection.ts'

/** One stop on the way to a host. */
export interface Hop {
  readonly address: string
  readonly port: number | undefined
  readonly user: string | undefined
}

/** Reads ProxyJump: `[user@]host[:port]` or `ssh://…`, several by commas. Throws ConnectError `config`. */
export function parseJump(text: string): Hop[] {
  return text.split(',').map((part) => {
    const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@\s/-][^:@\s/]*))(?::(\d+))?\/?$/.exec(part.trim())
    const address = match?.[2] ?? match?.[3]
    if (address === undefined) {
      throw new ConnectError('config', `"${text}" is no jump host`, {
        hint: 'Write it as user@host:port, several with commas.',
      })
    }
    return { address, port: match?.[4] === undefined ? undefined : Number(match[4]), user: match?.[1] }
  })
}

/** Opens a TCP connection from a bastion. Throws ConnectError `tcp` or `timeout`. */
export function forward(bastion: SshConnection, host: string, port: number, timeoutMs: number): Promise<Duplex> {
  const where = `${host}:${port} through ${bastion.description}`
  return new Promise((done, fail) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      fail(
        new ConnectError('timeout', `${where} did not answer within ${timeoutMs / 1000} s`, {
          retryable: true,
          hint: 'The host is down, or a firewall drops the connection from the bastion.',
        }),
      )
    }, timeoutMs)
    const refused = (error: Error) => {
      clearTimeout(timer)
      const forbidden = 'reason' in error && error.reason === 1
      const hint = forbidden
        ? 'The bastion allows no forwarding: see AllowTcpForwarding in its sshd_config.'
        : 'Check the address as the bastion sees it, and that the host is up.'
      fail(new ConnectError('tcp', `${where}: ${error.message}`, { cause: error, hint }))
    }
    try {
      bastion.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
        if (error !== undefined) return refused(error)
        if (late) return void channel.destroy()
        clearTimeout(timer)
        done(channel)
      })
    } catch (error) {
      // "Not connected", thrown at once.
      refused(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
