import { randomBytes } from 'node:crypto'
import type { Secret } from '../model/secret.ts'
import type { Connection } from '../transport/connection.ts'
import type { BecomeMethod } from './become-method.ts'
import { startAs } from './become-start.ts'
import { dataProgram } from './data-program.ts'
import { dispatcherText } from './dispatcher.ts'
import { Greeting, GreetingEnd } from './greeting.ts'
import type { Session } from './session.ts'
import { ShellSession } from './shell-session.ts'
import { unusable } from './unusable.ts'

export interface SessionOptions {
  /** The user to become; left out, the connection's own. */
  readonly become?: string
  /** @default 'sudo' */
  readonly becomeMethod?: BecomeMethod['name']
  /** Asked only once a password is wanted; its rejection is reported as the cause. */
  readonly becomePassword?: () => Promise<Secret<string>>
  /** Limit in milliseconds for each thing the host has to say until its shell is ready. @default 15 s */
  readonly readyTimeoutMs?: number
  /** How long the host keeps a command and its shell without a sign of life from here. Renewed thrice as often. @default 60 */
  readonly leaseSeconds?: number
}

interface Ready {
  readonly uid: number
  readonly shellPid: number
  readonly pending: readonly string[]
}

/**
 * Opens a shell on the host, as the connection's user or, by sudo or one of its relatives, as another.
 *
 * @throws ConnectError of stage `shell` when the account has no usable shell.
 * @throws TsplayError BECOME when that is missing, refuses, or wants a password that is wrong or can't be had.
 */
export async function openSession(connection: Connection, options: SessionOptions = {}): Promise<Session> {
  const { become, becomePassword, readyTimeoutMs = 15_000, leaseSeconds = 60 } = options
  const user = become ?? connection.user
  const token = `TSP${randomBytes(12).toString('hex')}`
  const marker = `${token} become`
  const greeting =
    become === undefined
      ? new Greeting(await connection.open('exec /bin/sh'))
      : await startAs(connection, {
          user,
          method: options.becomeMethod,
          marker,
          script: `echo ${marker}; exec /bin/sh`,
          password: becomePassword,
          limitMs: readyTimeoutMs,
        })
  const { channel } = greeting
  try {
    channel.stdin.write(dispatcherText(token))
    const { uid, shellPid, pending } = await greeting.until(() => ready(greeting, token), readyTimeoutMs)
    const noise = greeting.text
    greeting.release()
    const asUser = dataProgram(connection, options)
    return new ShellSession({ connection, channel, user, uid, shellPid, noise, pending, leaseSeconds, asUser })
  } catch (error) {
    channel.close()
    throw error instanceof GreetingEnd ? unusable(connection, greeting, error, readyTimeoutMs) : error
  }
}

/** Takes the two ready lines out of what was said; what is left is noise. */
function ready(greeting: Greeting, token: string): Ready | undefined {
  const from = greeting.stdout.indexOf(`${token} ready `)
  const to = greeting.stdout.indexOf('\n', from)
  const error = greeting.stderr.indexOf(`${token}\n`)
  if (from < 0 || to < 0 || error < 0) return undefined
  const [, , uid, pid, ...pending] = greeting.stdout.toString('latin1', from, to).trim().split(/ +/)
  greeting.stdout = greeting.stdout.subarray(0, from)
  greeting.stderr = greeting.stderr.subarray(0, error)
  return { uid: Number(uid), shellPid: Number(pid), pending }
}
