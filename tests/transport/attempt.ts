import { text } from 'node:stream/consumers'
import { ConnectError } from '../../runner/model/errors.ts'
import { Secret } from '../../runner/model/secret.ts'
import type { ChannelExit, Connection } from '../../runner/transport/connection.ts'
import { createDialer, type DialerOptions } from '../../runner/transport/dial.ts'
import type { Prompter, Target } from '../../runner/transport/target.ts'

/** Dials once with a dialer of its own, and gives what `use` makes of the connection. */
export async function dialed<T>(
  target: Target,
  use: (it: Connection) => Promise<T>,
  options?: DialerOptions,
): Promise<T> {
  const dialer = createDialer(options)
  try {
    const connection = await dialer.dial(target)
    try {
      return await use(connection)
    } finally {
      await connection.close()
    }
  } finally {
    await dialer.close()
  }
}

/** The ConnectError that dialing ends with. Throws when it succeeds, or fails in another way. */
export async function refusedBy(target: Target, options?: DialerOptions): Promise<ConnectError> {
  try {
    await dialed(target, async () => {}, options)
  } catch (error) {
    if (error instanceof ConnectError) return error
    throw error
  }
  throw new Error('the connection was made')
}

export interface Output extends ChannelExit {
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export async function output(connection: Connection, command: string, stdin = ''): Promise<Output> {
  const channel = await connection.open(command)
  channel.stdin.end(stdin)
  const [stdout, stderr, exit] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.closed])
  return { ...exit, stdout, stderr }
}

/** Answers every question alike, and keeps them. */
export function answering(answer: string): Prompter & { readonly asked: readonly string[] } {
  const asked: string[] = []
  return {
    asked,
    async secret(question) {
      asked.push(question)
      return new Secret(answer)
    },
  }
}
