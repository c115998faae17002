/** One line of an authorized_keys file (sshd(8)): options, type, key in base64, comment. */
export interface KeyLine {
  readonly options: string
  readonly type: string
  readonly blob: string
}

const types = /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/

/** Reads a line; `undefined` for a comment, an empty line, and what is no key. Options may hold blanks in quotes. */
export function keyLine(line: string): KeyLine | undefined {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return undefined
  const plain = keyWords(text)
  if (plain) return { options: '', ...plain }
  const options = /^(?:"(?:\\"|[^"])*"|[^\s"])+/.exec(text)?.[0] ?? ''
  const rest = keyWords(text.slice(options.length).trim())
  return options !== '' && rest ? { options, ...rest } : undefined
}

function keyWords(text: string): Omit<KeyLine, 'options'> | undefined {
  const [type = '', blob = ''] = text.split(/\s+/)
  return types.test(type) && /^[A-Za-z0-9+/]{16,}={0,3}$/.test(blob) ? { type, blob } : undefined
}
