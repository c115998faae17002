import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import { ConnectError } from '../../../model/errors.ts'
import { reveal, type Secret } from '../../../model/secret.ts'
import type { Prompter } from '../../target.ts'
import type { Identity } from './identity.ts'

/** A key file that can't be used, and why. */
export interface UnusableKey {
  readonly label: string
  readonly reason: string
}

/** Reads a private key file: an identity, a reason why it can't be one, or undefined where there is no file. */
export async function readKeyFile(
  path: string,
  prompter: Prompter | undefined,
): Promise<Identity | UnusableKey | undefined> {
  let text: Buffer
  try {
    text = await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return code === 'ENOENT' ? undefined : { label: path, reason: `can not be read (${code})` }
  }
  const parsed = ssh2.utils.parseKey(text)
  if (!(parsed instanceof Error)) {
    if (!parsed.isPrivateKey()) return { label: path, reason: 'holds a public key, not a private one' }
    return {
      label: path,
      publicKey: parsed,
      privateKey: parsed,
      sign: async (data, hash) => signed(parsed, data, hash),
    }
  }
  if (!/encrypted/i.test(parsed.message)) {
    const hardware = text.includes('sk-ssh-') || (await publicHalf(path, text))?.type.startsWith('sk-') === true
    return { label: path, reason: hardware ? 'is on a FIDO device, which needs the transport openssh' : parsed.message }
  }
  const publicKey = await publicHalf(path, text)
  if (publicKey === undefined) {
    return { label: path, reason: 'is encrypted and has no .pub file beside it' }
  }
  return lockedIdentity(path, text, publicKey, prompter)
}

/** An encrypted key is decrypted once, and only when a server has said that it would accept it. */
function lockedIdentity(path: string, text: Buffer, publicKey: ParsedKey, prompter: Prompter | undefined): Identity {
  let opened: Promise<ParsedKey> | undefined
  const open = async (): Promise<ParsedKey> => {
    if (prompter === undefined) {
      throw new ConnectError('auth', `${path} is encrypted, and nobody can be asked for its passphrase`, {
        hint: `Load it into an agent first: ssh-add ${path}`,
      })
    }
    const passphrase = await prompter.secret(`Passphrase for ${path}: `)
    return decrypt(path, text, passphrase)
  }
  return {
    label: path,
    publicKey,
    sign: async (data, hash) => signed(await (opened ??= open()), data, hash),
  }
}

function decrypt(path: string, text: Buffer, passphrase: Secret<string>): ParsedKey {
  const key = ssh2.utils.parseKey(text, reveal(passphrase))
  if (!(key instanceof Error)) return key
  throw new ConnectError('auth', `${path} can not be decrypted with the passphrase given`, { cause: key })
}

function signed(key: ParsedKey, data: Buffer, hash: string | undefined): Buffer {
  // Gives an Error back in place of throwing it, which its types do not say.
  const signature: Buffer | Error = key.sign(data, hash)
  if (signature instanceof Error) throw signature
  return signature
}

const armour = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/

/** The public key that belongs to an encrypted one: from the file itself in OpenSSH's format, else from `FILE.pub`. */
async function publicHalf(path: string, text: Buffer): Promise<ParsedKey | undefined> {
  const blob = embeddedPublicKey(text.toString('latin1'))
  if (blob !== undefined) {
    const key = ssh2.utils.parseKey(blob)
    if (!(key instanceof Error)) return key
  }
  const beside = await readFile(`${path}.pub`).catch(() => undefined)
  if (beside === undefined) return undefined
  const key = ssh2.utils.parseKey(beside)
  return key instanceof Error ? undefined : key
}

/** OpenSSH's PROTOCOL.key: magic, cipher, kdf, kdf options, number of keys, public key, all but the number as strings. */
function embeddedPublicKey(text: string): Buffer | undefined {
  const body = armour.exec(text)?.[1]
  if (body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  let at = 'openssh-key-v1\0'.length
  try {
    for (let skipped = 0; skipped < 3; skipped++) at += 4 + bytes.readUInt32BE(at)
    at += 4
    return bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))
  } catch {
    return undefined
  }
}
