import { hostname, userInfo } from 'node:os'
import type { Connection } from './connection.ts'
import { processChannel, ProcessConnection } from './process-channel.ts'

/** The control machine itself, as a connection: programs run in process groups of their own, as the user that runs tsplay. */
export function dialLocal(): Connection {
  const { username } = userInfo()
  return new ProcessConnection(`${username}@${hostname()} (this machine)`, username, (command) =>
    processChannel('/bin/sh', ['-c', command]),
  )
}
