import type { ParsedKey } from 'ssh2'

/** A key that a user may be known by on a host. */
export interface Identity {
  /** Where it comes from, for people: a file's path, or `agent: comment`. */
  readonly label: string
  readonly publicKey: ParsedKey
  /** The private key itself, where it lies open in this process. */
  readonly privateKey?: ParsedKey
  /** Signs with it; may ask for a passphrase first. `hash` is for RSA alone. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>
}

/** Whether two public keys are one. */
export const sameKey = (a: ParsedKey, b: ParsedKey) => a.getPublicSSH().equals(b.getPublicSSH())
