import type { Duplex } from 'node:stream'
import ssh2, { type AnyAuthMethod } from 'ssh2'
import { ConnectError } from '../../model/errors.ts'
import type { Identity } from './auth/identity.ts'
import { AuthLog } from './auth/log.ts'
import { authMethods, type Credentials } from './auth/methods.ts'
import { SshConnection } from './connection.ts'
import type { HostKeyAlgorithm } from './known-hosts/judge.ts'
import { brokenOff } from './broken-off.ts'
import { PhaseTimer } from './phase-timer.ts'
import { describe, type SshSettings } from './settings.ts'

/** From the proof of the host's key to a shell. Asking the person at the terminal does not count. */
const authLimitMs = 60_000

export interface HandshakeOptions {
  readonly stream: Duplex
  readonly settings: SshSettings
  readonly hostKeyAlgorithms: readonly HostKeyAlgorithm[]
  /** Gives undefined for a key that is accepted, else why it is not. */
  readonly judge: (key: Buffer) => Promise<ConnectError | undefined>
  readonly identities: readonly Identity[]
  /** What kept keys from being used, for the error that may come. */
  readonly notes: readonly string[]
  readonly password: Credentials['password']
  readonly ask: Credentials['ask']
  /** Told the further keys that the host has proven to be its own. */
  readonly onHostKeys: (keys: readonly Buffer[]) => void
  readonly signal: AbortSignal | undefined
}

/** Makes an authenticated connection on a stream. Throws ConnectError `handshake`, `host-key`, `auth` or `timeout`. */
export function handshake(options: HandshakeOptions): Promise<SshConnection> {
  const { stream, settings, signal } = options
  const client = new ssh2.Client()
  const where = describe(settings)
  const log = new AuthLog(where, settings, options.identities, options.notes)
  let lastError: Error | undefined
  let refused: ConnectError | undefined
  let heard: Buffer | undefined
  let algorithms = ''

  return new Promise((done, fail) => {
    const timer = new PhaseTimer((phase, ms) => {
      const hint = 'The host is overloaded, or something on the way holds the connection back.'
      give(
        new ConnectError('timeout', `${where}: ${phase} took more than ${ms / 1000} s`, {
          hint,
          retryable: heard === undefined,
        }),
      )
    })
    const settle = () => {
      timer.stop()
      signal?.removeEventListener('abort', aborted)
    }
    const give = (error: unknown) => {
      settle()
      fail(error)
      client.end()
      stream.destroy()
    }
    const aborted = () => give(signal?.reason)

    // For the client's whole life: it reports errors even after its end, and an unheard one would end the process.
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') log.note(error.message)
      else lastError ??= error
    })
    client.on('hostkeys', (keys) => options.onHostKeys(keys.map((key) => key.getPublicSSH())))
    client.once('ready', () => {
      settle()
      done(
        new SshConnection({
          client,
          stream,
          description: where,
          user: settings.user,
          environment: settings.environment,
          algorithms,
          lastError: () => lastError,
        }),
      )
    })
    client.once('close', () => give(refused ?? log.cutShort(lastError) ?? brokenOff(where, lastError, heard)))
    client.on('handshake', (negotiated) => {
      algorithms = [negotiated.kex, negotiated.serverHostKey, negotiated.cs.cipher].join(', ')
      timer.start('logging in', authLimitMs)
    })

    const methods = authMethods(
      {
        user: settings.user,
        onTry: (what) => log.tried(what),
        onSignError: (error) => log.note(error instanceof Error ? error.message : String(error)),
        password: () => timer.pausedFor(options.password()),
        ask: (question) => timer.pausedFor(options.ask(question)),
        accepted: () => log.partial,
        logins: settings.logins,
        identities: options.identities.map((identity) => ({
          ...identity,
          sign: (data, hash) => timer.pausedFor(identity.sign(data, hash)),
        })),
      },
      () => log.offered,
    )
    const nextMethod = async (next: (method: AnyAuthMethod) => void) => {
      const method = await methods.next()
      if (method.done !== true) return next(method.value)
      give(log.failure())
    }

    timer.start('the first answer of the SSH server', settings.connectTimeoutMs)
    if (signal?.aborted === true) return aborted()
    // Ended while it waited for its turn.
    if (stream.destroyed) return give(brokenOff(where, stream.errored ?? undefined, undefined))
    signal?.addEventListener('abort', aborted)
    client.connect({
      sock: stream as never,
      username: settings.user,
      // Its own limit counts from the start, and a person may be typing a passphrase.
      readyTimeout: 0,
      keepaliveInterval: settings.keepaliveMs,
      keepaliveCountMax: settings.keepaliveCount,
      ...(settings.forwardAgent && settings.agentSocket !== undefined
        ? { agent: settings.agentSocket, agentForward: true }
        : {}),
      algorithms: { serverHostKey: [...options.hostKeyAlgorithms] },
      hostVerifier: (key: Buffer, answer: (accepted: boolean) => void) => {
        options.judge(key).then(
          (error) => {
            refused ??= error
            answer(error === undefined)
          },
          (error: unknown) => give(error),
        )
      },
      authHandler: (offered, partial, next) => {
        log.answered(offered, partial)
        nextMethod(next).catch(give)
      },
    })
    stream.once('data', (chunk: Buffer) => {
      heard = chunk
      timer.start('the key exchange', settings.connectTimeoutMs)
    })
  })
}
