import { createHmac } from 'node:crypto'

/** One line of a known_hosts file that says something about a key. */
export interface KnownHost {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string
  /** `ssh-ed25519`, `ssh-rsa` … as the line says. */
  readonly type: string
  readonly key: Buffer
}

/** Reads known_hosts text by the rules of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. Lines that make no sense are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((raw, index) => {
    const entry = parseLine(raw.trim())
    return entry === undefined ? [] : [{ file, line: index + 1, ...entry }]
  })
}

function parseLine(text: string): Omit<KnownHost, 'file' | 'line'> | undefined {
  if (text === '' || text.startsWith('#')) return undefined
  const fields = text.split(/[ \t]+/)
  const marked = text.startsWith('@') ? fields.shift()?.slice(1) : undefined
  if (marked !== undefined && marked !== 'revoked' && marked !== 'cert-authority') return undefined
  const [hosts, type, blob] = fields
  if (hosts === undefined || type === undefined || blob === undefined) return undefined
  const key = Buffer.from(blob, 'base64')
  if (keyType(key) !== type) return undefined
  return { marker: marked, hosts, type, key }
}

/** The type that a public key in SSH's wire format names; undefined when it is none. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined
  const length = key.readUInt32BE(0)
  return length > 64 || key.length < 4 + length ? undefined : key.toString('latin1', 4, 4 + length)
}

/** Whether a line speaks of this name: `host`, or `[host]:port` for ports other than 22. */
export function matchesHost(hosts: string, name: string): boolean {
  const wanted = name.toLowerCase()
  if (hosts.startsWith('|')) return matchesHash(hosts, wanted)
  let matched = false
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, wanted)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, digest] = hashed.split('|')
  if (version !== '1' || salt === undefined || digest === undefined) return false
  return hashName(name, Buffer.from(salt, 'base64')) === digest
}

const hashName = (name: string, salt: Buffer) => createHmac('sha1', salt).update(name).digest('base64')

/** A name as HashKnownHosts stores it. */
export const hashedName = (name: string, salt: Buffer) =>
  `|1|${salt.toString('base64')}|${hashName(name.toLowerCase(), salt)}`

/**
 * OpenSSH's wildcards: `*` any text, `?` any one character; brackets are plain text. Goes back to the last `*` alone, so
 * that a line with hundreds of them costs no more than their number times the name's length.
 */
function matchesPattern(pattern: string, name: string): boolean {
  let [at, star, from] = [0, -1, 0]
  for (let i = 0; i < name.length;) {
    if (pattern[at] === '*') [star, from, at] = [at, i, at + 1]
    else if (pattern[at] === '?' || pattern[at] === name[i]) [i, at] = [i + 1, at + 1]
    else if (star !== -1) [i, at, from] = [from + 1, star + 1, from + 1]
    else return false
  }
  return /^\**$/.test(pattern.slice(at))
}
