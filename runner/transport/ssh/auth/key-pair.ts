import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import { reveal, type Secret } from '../../../model/secret.ts'

/** An ssh key as node:crypto has it, with its blob as in `authorized_keys`. */
export interface PublicKey {
  readonly kind: string
  readonly blob: Uint8Array
  readonly key: KeyObject
}

export interface KeyPair extends PublicKey {
  readonly privateKey: KeyObject
}

/** A private key from the text of its file; `locked` where it needs a passphrase, `undefined` where it is no private key. */
export function readKeyPair(text: string, passphrase?: Secret<string>): KeyPair | 'locked' | undefined {
  const parsed = ssh2.utils.parseKey(text, passphrase === undefined ? undefined : reveal(passphrase))
  if (parsed instanceof Error) return /encrypted|passphrase/i.test(parsed.message) ? 'locked' : undefined
  if (!parsed.isPrivateKey()) return undefined
  return { ...publicHalf(parsed), privateKey: createPrivateKey(parsed.getPrivatePEM()) }
}

/** A line of `authorized_keys` or of a `.pub` file without options; `undefined` where it is none. */
export function readPublicKey(line: string): PublicKey | undefined {
  const parsed = ssh2.utils.parseKey(line)
  return parsed instanceof Error || parsed.isPrivateKey() ? undefined : publicHalf(parsed)
}

const publicHalf = (parsed: ParsedKey): PublicKey => ({
  kind: parsed.type,
  blob: parsed.getPublicSSH(),
  key: createPublicKey(parsed.getPublicPEM()),
})
