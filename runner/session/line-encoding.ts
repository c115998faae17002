/** The bytes that mean themselves in a line and to `printf %b` alike. */
const plain = (byte: number) => byte >= 0x20 && byte < 0x7f && byte !== 0x5c

const escapes = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x5c) return Buffer.from('\\\\')
  if (byte === 0x0a) return Buffer.from('\\n')
  return Buffer.from(`\\0${byte.toString(8).padStart(3, '0')}`)
})

/** Any bytes as one line of ASCII that `printf %b` turns back into them: how scripts and input reach the dispatcher. */
export function encodeLine(content: string | Uint8Array): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const parts: Uint8Array[] = []
  let from = 0
  bytes.forEach((byte, i) => {
    if (plain(byte)) return
    if (i > from) parts.push(bytes.subarray(from, i))
    parts.push(escapes[byte] ?? Buffer.alloc(0))
    from = i + 1
  })
  if (from < bytes.length) parts.push(bytes.subarray(from))
  return Buffer.concat(parts)
}

/** Whether every shell's `read` takes the text's lines as they are: other bytes are mangled by some. */
export const isPlain = (text: string): boolean => /^[\x20-\x7e\t\n]*$/.test(text)
