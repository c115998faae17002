import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Channel } from '../transport/connection.ts'

/**
 * Sends a stream to a program, and ends its input. A program that has ended may never confirm a write, so the end of the
 * channel counts as well: what it made of the input is told by its exit.
 *
 * @throws what the stream itself fails with: a local file that can't be read must not look like the host's failure.
 */
export async function sendStream(channel: Channel, stream: Readable): Promise<void> {
  const stop = new AbortController()
  void channel.closed.then(() => stop.abort())
  await pipeline(stream, channel.stdin, { signal: stop.signal }).catch((error: unknown) => {
    if (error instanceof Error && !isOfChannel(error)) throw error
  })
}

/** What a channel fails with, which ends the stream as well: aborted by us, closed too early, written to after its end. */
const isOfChannel = (error: NodeJS.ErrnoException): boolean =>
  error.name === 'AbortError' ||
  error.code?.startsWith('ERR_STREAM_') === true ||
  error.syscall === 'write' ||
  error.message === 'Not connected'
