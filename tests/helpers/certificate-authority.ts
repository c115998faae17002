import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A certificate authority of a test's own, made by ssh-keygen. */
export interface CertificateAuthority {
  /** Its public key file: what TrustedUserCAKeys names. */
  readonly publicFile: string
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string
  /** Signs the public key `KEY.pub` for a user, or for a host by its names; gives the certificate's file, `KEY-cert.pub`. */
  sign(keyFile: string, kind: 'user' | 'host', names: readonly string[], validity?: string): Promise<string>
}

export async function certificateAuthority(folder: string): Promise<CertificateAuthority> {
  const file = `${folder}/ca`
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ca', '-f', file])
  const [type, key] = (await readFile(`${file}.pub`, 'utf8')).split(' ')
  return {
    publicFile: `${file}.pub`,
    publicKey: `${type} ${key}`,
    async sign(keyFile, kind, names, validity = '+1h') {
      const host = kind === 'host' ? ['-h'] : []
      await run('ssh-keygen', [
        '-q',
        '-s',
        file,
        ...host,
        '-I',
        `test ${kind}`,
        '-n',
        names.join(','),
        '-V',
        validity,
        `${keyFile}.pub`,
      ])
      return `${keyFile}-cert.pub`
    },
  }
}
