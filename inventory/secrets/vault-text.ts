import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(pbkdf2)

/** What Ansible's vault has encrypted, taken apart. */
export interface VaultText {
  /** The vault id that it was encrypted with; absent in version 1.1. */
  readonly id: string | undefined
  readonly salt: Buffer
  readonly hmac: Buffer
  readonly ciphertext: Buffer
}

/** Thrown by {@link parseVaultText}: the text was cut or changed. The message says how. */
export class VaultDamage extends Error {}

export const isVaultText = (text: string): boolean => text.trimStart().startsWith('$ANSIBLE_VAULT;')

/**
 * Reads the envelope: `$ANSIBLE_VAULT;1.1;AES256` or `$ANSIBLE_VAULT;1.2;AES256;ID`, then hexadecimal lines that hold
 * salt, HMAC and ciphertext, each hexadecimal once more. Throws {@link VaultDamage}.
 */
export function parseVaultText(text: string): VaultText {
  const [header = '', ...lines] = text.trim().split(/\r?\n/)
  const [, version = '', cipher = '', id] = header.split(';').map((part) => part.trim())
  if (version !== '1.1' && version !== '1.2') throw new VaultDamage(`its version "${version}" is not known`)
  if (cipher !== 'AES256') throw new VaultDamage(`its cipher "${cipher}" is not known`)
  const parts = hex(lines.map((line) => line.trim()).join(''), 'its body')
    .toString('latin1')
    .split('\n')
  const [salt, hmac, ciphertext] = parts
  if (parts.length !== 3 || salt === undefined || hmac === undefined || ciphertext === undefined)
    throw new VaultDamage('it does not hold salt, check sum and content')
  const found = {
    salt: hex(salt, 'its salt'),
    hmac: hex(hmac, 'its check sum'),
    ciphertext: hex(ciphertext, 'its content'),
  }
  if (found.hmac.length !== 32) throw new VaultDamage('its check sum has a wrong length')
  if (found.ciphertext.length === 0 || found.ciphertext.length % 16 !== 0)
    throw new VaultDamage('its content has a wrong length')
  return { id: id === undefined || id === '' ? undefined : id, ...found }
}

function hex(text: string, what: string): Buffer {
  if (text === '') throw new VaultDamage(`${what} is empty`)
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(text))
    throw new VaultDamage(`${what} is not hexadecimal, or was cut`)
  return Buffer.from(text, 'hex')
}

/**
 * The plain text, or `undefined` where the check sum does not fit: another password, or a text that was changed. Keys are
 * made by PBKDF2 (SHA-256, 10 000 rounds, 80 bytes): 32 of the cipher, 32 of the HMAC, 16 of the counter.
 */
export async function openVaultText(
  { salt, hmac, ciphertext }: VaultText,
  password: string,
): Promise<string | undefined> {
  const keys = await derive(password, salt, 10_000, 80, 'sha256')
  const sum = createHmac('sha256', keys.subarray(32, 64)).update(ciphertext).digest()
  if (!timingSafeEqual(sum, hmac)) return undefined
  const cipher = createDecipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80))
  const padded = Buffer.concat([cipher.update(ciphertext), cipher.final()])
  const padding = padded.at(-1) ?? 0
  if (padding < 1 || padding > 16) throw new VaultDamage('its padding is wrong')
  return new TextDecoder('utf-8', { fatal: true }).decode(padded.subarray(0, padded.length - padding))
}
