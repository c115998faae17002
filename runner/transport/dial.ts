import type { Connection } from './connection.ts'
import { dialContainer, isContainer } from './container.ts'
import { dialLocal } from './local.ts'
import { patiently } from './patience.ts'
import type { Prompter, Target } from './target.ts'

export interface DialerOptions {
  /** Asks for passphrases and passwords. Without one they count as not there. */
  readonly prompter?: Prompter
  /** Handshakes in flight at once: each costs about 6 ms of this machine's CPU, and more of them only wait for it. @default 48 */
  readonly handshakes?: number
  /** Told what the user should know, such as a configuration that can't be used. */
  readonly onNotice?: (message: string) => void
  /** The folder whose `.ssh` is read. @default the user's home */
  readonly home?: string
}

/** Opens connections; one for a whole run, since keys, answers, names and bastions are kept in it. */
export interface Dialer {
  /** Throws ConnectError, or the signal's reason. What may be retried was retried. */
  dial(target: Target, signal?: AbortSignal): Promise<Connection>
  /** Ends what the connections shared (bastions). Connections themselves are closed by whoever opened them, before. */
  close(): Promise<void>
}

export function createDialer(options: DialerOptions = {}): Dialer {
  let made: Promise<Dialer> | undefined
  const ssh = () => (made ??= import('./ssh/dialer.ts').then(({ SshDialer }) => new SshDialer(options)))
  return {
    async dial(target, signal) {
      if (target.transport === 'local') return dialLocal()
      if (isContainer(target)) return dialContainer(target, signal)
      const dialer = await ssh()
      return patiently(() => dialer.dial(target, signal), signal)
    },
    async close() {
      await (await made)?.close()
    },
  }
}
