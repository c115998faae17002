import { createHash } from 'node:crypto'
import { keyType, matchesHost, type KnownHost } from './entry.ts'

/** What is known of the key that a host showed. */
export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly by: KnownHost }
  | { readonly kind: 'changed'; readonly instead: readonly KnownHost[] }
  | { readonly kind: 'unknown'; readonly authorities: readonly KnownHost[] }

/** The lines that speak of a host, revoked keys included. */
export const linesFor = (entries: readonly KnownHost[], name: string) =>
  entries.filter((entry) => matchesHost(entry.hosts, name))

/**
 * Judges a host's key by the lines for it, as OpenSSH does: a revoked key is refused whatever else is said; a key of
 * the same or another type than those known means that the host has changed.
 */
export function judge(lines: readonly KnownHost[], key: Buffer): Verdict {
  const revoked = lines.find((line) => line.marker === 'revoked' && line.key.equals(key))
  if (revoked !== undefined) return { kind: 'revoked', by: revoked }
  const plain = lines.filter((line) => line.marker === undefined)
  if (plain.some((line) => line.key.equals(key))) return { kind: 'known' }
  if (plain.length > 0) return { kind: 'changed', instead: plain }
  return { kind: 'unknown', authorities: lines.filter((line) => line.marker === 'cert-authority') }
}

/** Key types as ssh2 offers them, in its order of preference. */
const offered = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const

/** One of the host key algorithms that can be negotiated. */
export type HostKeyAlgorithm = (typeof offered)[number]

/** The host key algorithms to offer: those of known keys first, since the server shows only one of its keys. */
export function hostKeyAlgorithms(lines: readonly KnownHost[]): HostKeyAlgorithm[] {
  const known = new Set(lines.filter((line) => line.marker === undefined).map((line) => line.type))
  const isKnown = (algorithm: HostKeyAlgorithm) => known.has(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)
  return [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
}

/** `SHA256:…`, as ssh-keygen prints it. */
export const fingerprint = (key: Buffer) =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

const names = new Map([
  ['ssh-ed25519', 'ED25519'],
  ['ssh-rsa', 'RSA'],
  ['ecdsa-sha2-nistp256', 'ECDSA'],
  ['ecdsa-sha2-nistp384', 'ECDSA'],
  ['ecdsa-sha2-nistp521', 'ECDSA'],
])

/** `ED25519 key SHA256:…` for people. */
export const showKey = (key: Buffer) => `${names.get(keyType(key) ?? '') ?? keyType(key)} key ${fingerprint(key)}`

/** What `ssh-keyscan -t` calls the type of a key. */
export const scanType = (key: Buffer) => (names.get(keyType(key) ?? '') ?? 'ed25519').toLowerCase()
