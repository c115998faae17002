import { ConnectError } from '../model/errors.ts'
import type { Connection } from '../transport/connection.ts'
import type { Greeting, GreetingEnd } from './greeting.ts'

/** The error for an account whose login did not end in a shell, with what it said instead. */
export function unusable(
  connection: Connection,
  { text }: Greeting,
  { exit }: GreetingEnd,
  limitMs: number,
): ConnectError {
  const where = connection.description
  const said = text === '' ? '' : `; it said: ${text.slice(-1000)}`
  if (exit?.lost)
    return new ConnectError('shell', `${where}: the connection was lost while the shell started${said}`, {
      retryable: true,
    })
  const what =
    exit === undefined
      ? `no shell answered within ${limitMs / 1000} s`
      : `the login shell ended with ${exit.signal ?? exit.code}`
  return new ConnectError('shell', `${where}: ${what}${said}`, {
    hint: `${connection.user} needs a login shell that can run /bin/sh: see it with \`getent passwd ${connection.user}\` on the host`,
  })
}
