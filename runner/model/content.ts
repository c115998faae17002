import { createHash } from 'node:crypto'
import { reveal, Secret } from './secret.ts'

/** What a file can be made of. */
export type Content = string | Uint8Array | Secret<string>

/** The bytes themselves. For the engine and the session alone. */
export function contentBytes(content: Content): Buffer {
  if (content instanceof Secret) return Buffer.from(reveal(content))
  return typeof content === 'string'
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

/** SHA-256 in lower-case hex, as `sha256sum` prints it. Safe for secrets: a digest may be compared on the host. */
export const sha256 = (content: Content): string => createHash('sha256').update(contentBytes(content)).digest('hex')
