import { createHash, X509Certificate } from 'node:crypto'
import { TsplayError } from '../../runner/model/errors.ts'

/** When a certificate ends: RFC 3339, in UTC; `undefined` of text that is none, as a cut leaves it. */
export function endOf(pem: string): string | undefined {
  try {
    return new Date(new X509Certificate(pem).validTo).toISOString()
  } catch {
    return undefined
  }
}

/** The SHA-256 of a certificate's public key, as kubeadm pins it: `sha256:9f86…`. Throws TsplayError COMMAND. */
export function caCertHash(what: string, pem: string): string {
  try {
    const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
    return `sha256:${createHash('sha256').update(key).digest('hex')}`
  } catch (cause) {
    throw new TsplayError('COMMAND', `${what} holds no certificate that can be read`, { cause })
  }
}

/** The pin of the certificate in a kubeconfig's `certificate-authority-data`. */
export const authorityHash = (what: string, data: string): string =>
  caCertHash(what, Buffer.from(data, 'base64').toString())
