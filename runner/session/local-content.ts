import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'

/** What is to be sent: bytes, or a file of this machine. */
export type LocalContent = Uint8Array | { readonly localPath: string }

export interface Fingerprint {
  readonly size: number
  /** SHA-256, lower-case hex. */
  readonly sha256: string
}

export const contentStream = (content: LocalContent): Readable =>
  content instanceof Uint8Array ? Readable.from(pieces(content)) : createReadStream(content.localPath)

/** Reads it once. A file that is not there rejects with Node's own error, which names it. */
export async function fingerprint(content: LocalContent): Promise<Fingerprint> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of contentStream(content) as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    size += chunk.length
  }
  return { size, sha256: hash.digest('hex') }
}

/** Small enough that other work comes between them. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20))
}
