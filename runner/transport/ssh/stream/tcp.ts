import { lookup, type LookupAddress } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'
import { ConnectError } from '../../../model/errors.ts'

export interface TcpOptions {
  readonly host: string
  readonly port: number
  /** 0 for both. */
  readonly family: 0 | 4 | 6
  readonly bindAddress: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Gives all addresses of a name; throws ConnectError `dns`. */
export type Resolve = (host: string, family: 0 | 4 | 6) => Promise<readonly LookupAddress[]>

/** A resolver that asks for each name once, for as long as it lives. Failures are asked again. */
export function createResolver(): Resolve {
  const known = new Map<string, Promise<readonly LookupAddress[]>>()
  return (host, family) => {
    const key = `${family} ${host}`
    const found = known.get(key) ?? resolve(host, family)
    known.set(key, found)
    found.catch(() => known.delete(key))
    return found
  }
}

async function resolve(host: string, family: 0 | 4 | 6): Promise<readonly LookupAddress[]> {
  const literal = isIP(host)
  if (literal !== 0) return [{ address: host, family: literal }]
  return new Promise((done, fail) => {
    lookup(host, { all: true, family }, (error, addresses) => {
      if (error === null) return done(addresses)
      // EAI_AGAIN is a resolver that did not answer; everything else is an answer.
      const retryable = error.code === 'EAI_AGAIN'
      const what = retryable ? 'the name server does not answer' : 'there is no such name'
      fail(
        new ConnectError('dns', `"${host}" can not be resolved: ${what} (${error.code})`, {
          cause: error,
          retryable,
          hint: 'Give the host an address with ansible_host, or check /etc/resolv.conf and /etc/hosts.',
        }),
      )
    })
  })
}

/** Opens a TCP connection without Nagle's delay; tries every address. Throws ConnectError `dns`, `tcp` or `timeout`. */
export async function connectTcp(options: TcpOptions, resolver: Resolve): Promise<Socket> {
  const { host, port, family, bindAddress, timeoutMs, signal } = options
  const addresses = await resolver(host, family)
  return new Promise((done, fail) => {
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      lookup: (_name, wanted, answer) => {
        const [first] = addresses
        if (wanted.all === true) answer(null, [...addresses])
        else answer(null, first?.address ?? host, first?.family)
      },
      autoSelectFamily: addresses.length > 1,
      // Node gives up on all but the last address after this; its default of 250 ms is too short for far hosts.
      autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(2500, timeoutMs / (addresses.length + 1))),
      ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
    })
    const where = `${host}:${port}`
    const settle = (act: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      socket.off('connect', connected)
      socket.off('error', failed)
      act()
    }
    const connected = () => settle(() => done(socket))
    const failed = (error: NodeJS.ErrnoException) => settle(() => fail(unreachable(where, error)))
    const giveUp = (error: unknown) =>
      settle(() => {
        socket.destroy()
        fail(error)
      })
    const aborted = () => giveUp(signal?.reason)
    const timer = setTimeout(() => giveUp(silent(where, timeoutMs)), timeoutMs)
    // For good: it may fail while it waits for its turn or goes down, when nobody else listens.
    socket.on('error', () => {})
    socket.on('connect', connected)
    socket.on('error', failed)
    if (signal?.aborted === true) aborted()
    else signal?.addEventListener('abort', aborted)
  })
}

const silent = (where: string, ms: number) =>
  new ConnectError('timeout', `${where} did not answer within ${ms / 1000} s`, {
    retryable: true,
    hint: 'The host is down, or a firewall drops the connection.',
  })

function unreachable(where: string, error: NodeJS.ErrnoException): ConnectError {
  const [code, text, hint] = reason(error)
  return new ConnectError('tcp', `${where}: ${text} (${code})`, {
    cause: error,
    hint,
    // A host that answers "refused" is up and has said no; a broken path or a reset may be gone in a second.
    retryable: code === 'ECONNRESET' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT',
  })
}

function reason(error: NodeJS.ErrnoException): readonly [code: string, text: string, hint: string] {
  const inner: unknown = error instanceof AggregateError ? error.errors.at(-1) : undefined
  const code = (inner instanceof Error && 'code' in inner ? String(inner.code) : error.code) ?? 'unknown'
  switch (code) {
    case 'ECONNREFUSED':
      return [code, 'connection refused', 'No SSH server listens there: check the port (ansible_port) and the service.']
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [code, 'no route to the host', 'Check that the host is up, and the network and VPN on this machine.']
    case 'ETIMEDOUT':
      return [code, 'no answer', 'The host is down, or a firewall drops the connection.']
    case 'EADDRNOTAVAIL':
      return [code, 'the address can not be used from here', 'Check ansible_host and BindAddress.']
    default:
      return [code, inner instanceof Error ? inner.message : error.message, 'Check the address and the network.']
  }
}
