import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { quote } from '../model/quote.ts'
import type { Channel, Connection } from '../transport/connection.ts'
import { Greeting } from './greeting.ts'

/**
 * Wraps a command so that it has a controlling terminal, while its three streams stay those of the channel: byte for byte,
 * and apart. The terminal comes from script(1), which util-linux brings; what is written to it goes to the error stream,
 * what is typed on it comes from `keys`, a FIFO, or from nowhere.
 */
export function inTerminal(command: string, keys: string | undefined): string {
  const inner = `${command} <&3 >&4 2>&5 3<&- 4>&- 5>&-`
  // Opened for both, a FIFO never comes to its end, which script would pass on.
  const typed =
    keys === undefined ? 'exec 6</dev/null' : `exec 6<>${quote(keys)}; rm -rf -- ${quote(keys.replace(/\/[^/]*$/, ''))}`
  const outer = `exec 3<&0 4>&1 5>&2
command -v script >/dev/null || { echo 'script: not found, and so no terminal can be made' >&2; exit 127; }
${typed}
SHELL=/bin/sh exec script -qec ${quote(inner)} /dev/null <&6 >&2 6<&-`
  return `exec /bin/sh -c ${quote(outer)}`
}

/** Something to type on. */
export interface Keyboard {
  /** The FIFO on the host that a terminal reads from. */
  readonly path: string
  readonly keys: Writable
  close(): void
}

/** Opens a keyboard on a channel of its own, in a folder that nobody else may enter; what is typed is in no file. */
export async function openKeyboard(connection: Connection, limitMs: number): Promise<Keyboard> {
  const marker = `TSP${randomBytes(12).toString('hex')}`
  const program = `umask 077
d=$(mktemp -d) && trap 'rm -rf -- "$d"' EXIT && mkfifo "$d/keys" && exec 3<>"$d/keys" || exit 1
printf '%s %s\\n' ${marker} "$d/keys"
cat >&3`
  const channel: Channel = await connection.open(`exec /bin/sh -c ${quote(program)}`)
  const greeting = new Greeting(channel)
  try {
    const path = await greeting.until(
      () => new RegExp(`${marker} (.+)\n`).exec(greeting.stdout.toString())?.[1],
      limitMs,
    )
    return { path, keys: channel.stdin, close: () => channel.stdin.end() }
  } catch (error) {
    channel.close()
    throw error
  }
}
