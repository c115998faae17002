import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { AgeKey } from '../../../inventory/secrets/age/age-key.ts'
import { scryptRecipient } from '../../../inventory/secrets/age/scrypt.ts'
import type { AgeRecipient } from '../../../inventory/secrets/age/seal.ts'
import { TsplayError } from '../../model/errors.ts'
import { reveal, Secret } from '../../model/secret.ts'
import type { Console } from '../console.ts'
import { terminalPrompter } from '../prompter.ts'
import { ageKeys, type AgeOptions } from './age-keys.ts'

export interface RecipientOptions extends AgeOptions {
  readonly recipient?: readonly string[]
  readonly recipientsFile?: readonly string[]
  readonly passphrase?: true
}

/** The file that names a folder's recipients, those of the folders below it too: as the password manager passage has it. */
const fileName = '.age-recipients'

/**
 * For whom a file is to be encrypted: `-r` and `-R`, or a passphrase; else what `.age-recipients` says in its folder or the
 * nearest one above; else whoever has the key that would be used to open it. Throws TsplayError USAGE where nobody is left.
 */
export async function recipientsFor(
  file: string,
  options: RecipientOptions,
  console: Pick<Console, 'env' | 'cwd'>,
): Promise<readonly AgeRecipient[]> {
  const { recipient = [], recipientsFile = [] } = options
  const { cwd } = console
  if (options.passphrase) {
    if (recipient.length + recipientsFile.length > 0)
      throw new TsplayError('USAGE', 'age encrypts with a passphrase or for recipients, not both')
    return [scryptRecipient(await newPassphrase(console))]
  }
  const named = await Promise.all(recipient.map((line) => parseRecipient(line, '-r')))
  const listed = await Promise.all(recipientsFile.map((one) => readRecipients(resolve(cwd, one), one)))
  if (named.length + listed.length > 0) return [...named, ...listed.flat()]
  for (let folder = dirname(resolve(cwd, file)); ; folder = dirname(folder)) {
    const path = join(folder, fileName)
    const found = await readRecipients(path, relative(cwd, path)).catch(absent)
    if (found) return found
    if (folder === dirname(folder)) break
  }
  const own = await ageKeys(options, console).keys()
  if (own.length > 0) return Promise.all(own.map(recipientOf))
  throw new TsplayError('USAGE', `for whom is ${file} to be encrypted?`, {
    hint: `Name a public key (-r age1…), write a file ${fileName}, or make a key of your own: tsplay secrets keygen`,
  })
}

/** The public half of a private key. */
export async function recipientOf({ identity, recipient, label }: AgeKey): Promise<AgeRecipient> {
  if (recipient !== undefined) return recipient
  if (!(identity instanceof Secret)) throw new TsplayError('USAGE', `${label} has no public half`)
  const { identityToRecipient } = await import('age-encryption')
  return identityToRecipient(reveal(identity))
}

function absent(error: unknown): undefined {
  if (
    error instanceof TsplayError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === 'ENOENT'
  )
    return undefined
  throw error
}

async function readRecipients(path: string, shown: string): Promise<AgeRecipient[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TsplayError('USAGE', `the recipients file ${shown} can not be read`, { cause })
  })
  const lines = text.split('\n').flatMap((line, i) => {
    const trimmed = line.trim()
    return trimmed === '' || trimmed.startsWith('#') ? [] : [parseRecipient(trimmed, `${shown}:${i + 1}`)]
  })
  if (lines.length === 0) throw new TsplayError('USAGE', `the recipients file ${shown} names nobody`)
  return Promise.all(lines)
}

/** `age1…`, or a line of a `.pub` file. */
async function parseRecipient(line: string, at: string): Promise<AgeRecipient> {
  const { Encrypter } = await import('age-encryption')
  if (line.startsWith('ssh-')) {
    const { readPublicKey } = await import('../../transport/ssh/auth/key-pair.ts')
    const key = readPublicKey(line)
    if (key?.kind === 'ssh-ed25519' || key?.kind === 'ssh-rsa') {
      const { sshRecipient } = await import('../../../inventory/secrets/age/ssh-stanza.ts')
      return sshRecipient({ ...key, kind: key.kind })
    }
  } else {
    try {
      new Encrypter().addRecipient(line)
      return line
    } catch {
      // Told below.
    }
  }
  const meant = line.startsWith('AGE-SECRET-KEY-')
    ? 'a private key stands where a public one belongs'
    : 'this is no public key'
  throw new TsplayError('USAGE', `${at}: ${meant}`, {
    hint: 'A recipient is age1…, or a line of an ssh key file .pub (ssh-ed25519 or ssh-rsa); plugins of age are not supported.',
  })
}

export async function newPassphrase({ env }: Pick<Console, 'env'>): Promise<Secret<string>> {
  const given = env['TSPLAY_AGE_PASSPHRASE'] ?? ''
  if (given !== '') return new Secret(given)
  const prompter = terminalPrompter()
  const first = await prompter.secret('New passphrase: ')
  const second = await prompter.secret('The same again: ')
  if (reveal(first) === '' || reveal(first) !== reveal(second))
    throw new TsplayError('USAGE', 'these are not the same passphrase, or it is empty')
  return first
}
