import { spawn, type ChildProcess } from 'node:child_process'
import { ConnectError } from '../../model/errors.ts'
import { opensshFailure } from './failure.ts'
import type { SshSettings } from '../ssh/settings.ts'
import type { Askpass } from './askpass.ts'

/** From the first byte to a usable connection, beside the limit for reaching the host: logins may ask an agent, or a token. */
const loginLimitMs = 60_000

/** How much of what ssh says is kept, in characters. */
const keptWords = 32 << 10

/** A connection that an ssh process holds. */
export interface Master {
  readonly process: ChildProcess
  /** What was negotiated, for people. */
  readonly algorithms: string
  /** The last line that it said, but what is said with `-v`. */
  readonly lastWords: () => string
}

/** Starts ssh and waits until others can go through its connection. Throws ConnectError, or the signal's reason. */
export function startMaster(
  args: readonly string[],
  where: string,
  settings: SshSettings,
  askpass: Askpass | undefined,
  signal: AbortSignal | undefined,
): Promise<Master> {
  signal?.throwIfAborted()
  return new Promise((done, fail) => {
    // A group of its own: Ctrl-C is for tsplay to handle.
    const child = spawn('ssh', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      env: { ...process.env, ...askpass?.environment },
    })
    let text = ''
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      child.off('close', ended)
    }
    const giveUp = (error: unknown) => {
      settle()
      child.kill('SIGKILL')
      fail(error)
    }
    const aborted = () => giveUp(signal?.reason)
    const ended = () => {
      settle()
      fail(opensshFailure({ where, user: settings.user, text }))
    }
    const limitMs = settings.connectTimeoutMs + loginLimitMs
    const late = () => {
      // Time that a person takes does not count.
      if (askpass?.asking === true) timer.refresh()
      else giveUp(new ConnectError('timeout', `${where}: logging in took more than ${limitMs / 1000} s`))
    }
    const timer = setTimeout(late, limitMs)
    signal?.addEventListener('abort', aborted)
    child.once('close', ended)
    child.once('error', (cause) => {
      settle()
      fail(notInstalled(where, cause))
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-keptWords)
      // Said after the socket was made.
      if (!text.includes('Entering interactive session.')) return
      settle()
      const algorithms = negotiated(text)
      text = ''
      child.stderr.removeAllListeners('data').on('data', (more: string) => {
        text = (text + more).slice(-keptWords)
      })
      done({ process: child, algorithms, lastWords: () => lastWords(text) })
    })
  })
}

const negotiated = (text: string) =>
  [...text.matchAll(/^debug1: kex: (?:algorithm|host key algorithm|server->client cipher): (\S+)/gm)]
    .map(([, name]) => name)
    .join(', ')

const lastWords = (text: string) =>
  text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !/^debug\d:|^Transferred:|^Bytes per/.test(line))
    .at(-1) ?? ''

const notInstalled = (where: string, cause: Error) =>
  new ConnectError('config', `${where}: OpenSSH's ssh can not be run: ${cause.message}`, {
    cause,
    hint: 'Install it on this machine (openssh-client), or choose the transport ssh2.',
  })
