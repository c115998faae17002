import { randomBytes, randomInt } from 'node:crypto'
import { Secret } from '../../runner/model/secret.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

const word = (length: number) => Array.from({ length }, () => letters[randomInt(letters.length)]).join('')

/** A bootstrap token: an id, which is no secret, and a secret part. */
export interface BootstrapToken {
  readonly id: string
  readonly secret: Secret<string>
  /** `abcdef.0123456789abcdef`, as kubeadm wants it. */
  readonly whole: Secret<string>
}

/** A new token, made here so that none has to be read from what kubeadm prints. */
export function newBootstrapToken(): BootstrapToken {
  const id = word(6)
  const part = word(16)
  return { id, secret: new Secret(part), whole: new Secret(`${id}.${part}`) }
}

/** A new key for the certificates that control planes hand to each other: 32 bytes in hex. */
export const newCertificateKey = (): Secret<string> => new Secret(randomBytes(32).toString('hex'))
