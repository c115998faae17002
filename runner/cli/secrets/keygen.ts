import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { scryptRecipient } from '../../../inventory/secrets/age/scrypt.ts'
import { sealText } from '../../../inventory/secrets/age/seal.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Secret } from '../../model/secret.ts'

/** Makes a key, as age-keygen does, into a new file that only its owner can read. Gives the public key. */
export async function makeKey(path: string, shown: string, passphrase: Secret<string> | undefined): Promise<string> {
  const { generateIdentity, identityToRecipient } = await import('age-encryption')
  const key = await generateIdentity()
  const recipient = await identityToRecipient(key)
  const text = `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${key}\n`
  const content = passphrase === undefined ? text : await sealText(text, [scryptRecipient(passphrase)])
  await mkdir(dirname(resolve(path)), { recursive: true, mode: 0o700 })
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    const there = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new TsplayError('USAGE', there ? `there is a file ${shown} already` : `${shown} can not be written`, {
      cause,
      ...(there ? { hint: 'A key that is lost can not be made again: name another file with --output.' } : {}),
    })
  })
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  return recipient
}
