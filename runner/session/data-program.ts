import { randomBytes } from 'node:crypto'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Channel, Connection } from '../transport/connection.ts'
import { takeMarker } from './become-dialogue.ts'
import { startAs } from './become-start.ts'
import { Greeting, GreetingEnd } from './greeting.ts'
import { encodeLine } from './line-encoding.ts'
import type { SessionOptions } from './open.ts'
import { unusable } from './unusable.ts'

/**
 * Runs POSIX text as the session's user on a channel of its own, with both streams clean of what the login said, and
 * gives what `use` makes of it. The channel is closed when `use` settles.
 */
export type DataProgram = <T>(script: string, use: (channel: Channel) => Promise<T>) => Promise<T>

/** SSH servers limit the channels of a connection (MaxSessions), and free them late. */
const channelsPerConnection = 2
const gates = new WeakMap<Connection, LimitFunction>()

function gateOf(connection: Connection): LimitFunction {
  const gate = gates.get(connection) ?? pLimit(channelsPerConnection)
  gates.set(connection, gate)
  return gate
}

/** The program for one session: with its connection, user and password. */
export const dataProgram =
  (connection: Connection, options: SessionOptions): DataProgram =>
  (script, use) =>
    gateOf(connection)(async () => {
      const channel = await start(connection, options, script)
      try {
        return await use(channel)
      } finally {
        channel.close()
      }
    })

async function start(connection: Connection, options: SessionOptions, script: string): Promise<Channel> {
  const { become, becomePassword: password, readyTimeoutMs: limitMs = 15_000 } = options
  const marker = `TSP${randomBytes(12).toString('hex')}`
  // `read` takes no byte beyond its line, so that what follows is the script's own input.
  const launcher = `echo ${marker}; echo ${marker} >&2; IFS= read -r l; eval "$(printf %b "$l")"`
  const greeting =
    become === undefined
      ? new Greeting(await connection.open(`exec /bin/sh -c '${launcher}'`))
      : await startAs(connection, {
          user: become,
          method: options.becomeMethod,
          marker,
          script: launcher,
          password,
          limitMs,
        })
  try {
    if (become === undefined) await greeting.until(() => takeMarker(greeting, marker), limitMs)
    await greeting.until(() => (greeting.stderr.includes(`${marker}\n`) ? true : undefined), limitMs)
  } catch (error) {
    greeting.channel.close()
    throw error instanceof GreetingEnd ? unusable(connection, greeting, error, limitMs) : error
  }
  greeting.release()
  greeting.channel.stdin.write(Buffer.concat([encodeLine(script), Buffer.from('\n')]))
  return greeting.channel
}
