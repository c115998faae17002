import type { Readable } from 'node:stream'

/** How much is kept, in characters: messages and short answers are meant. */
const limit = 64 << 10

/** What a stream says until it ends or breaks, as text; the beginning where that is too much. Never rejects. */
export async function streamText(stream: Readable): Promise<string> {
  let kept = ''
  stream.setEncoding('utf8')
  try {
    for await (const chunk of stream) if (kept.length < limit) kept += String(chunk)
  } catch {
    // A stream that breaks belongs to a channel that closes, and that is where it is noticed.
  }
  return kept
}
