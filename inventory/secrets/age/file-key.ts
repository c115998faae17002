import { createCipheriv, createDecipheriv } from 'node:crypto'

/** A file key as every stanza of age seals it: ChaCha20-Poly1305 with a nonce of zeros (C2SP age.md). */

const nonce = Buffer.alloc(12)
const options = { authTagLength: 16 }

export function sealFileKey(fileKey: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, options)
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
}

/** The file key, or null where it was sealed with another key. Throws for a body of a wrong length. */
export function unsealFileKey(body: Uint8Array, key: Uint8Array): Uint8Array | null {
  if (body.length !== 32) throw new Error('invalid stanza: its body has a wrong length')
  const cipher = createDecipheriv('chacha20-poly1305', key, nonce, options)
  cipher.setAuthTag(body.subarray(16))
  try {
    return Buffer.concat([cipher.update(body.subarray(0, 16)), cipher.final()])
  } catch {
    return null
  }
}

/** Base64 without padding, as in a header. */
export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

/** Throws for what is not the base64 of so many bytes. */
export function fromBase64(text: string, length: number): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== length || base64(bytes) !== text)
    throw new Error('invalid stanza: an argument has a wrong length')
  return bytes
}
