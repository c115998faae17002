import { reveal } from '../../runner/model/secret.ts'
import type { Secret } from '../../runner/model/secret.ts'
import type { Opened, OpenFailure } from './opened.ts'
import { isVaultText, openVaultText, parseVaultText, VaultDamage } from './vault-text.ts'

/** A password for Ansible's vault. */
export interface VaultKey {
  /** The vault id; `default` where none was given. */
  readonly id: string
  readonly password: Secret<string>
}

/** Opens texts of Ansible's vault: with the key of their own id first, then with the others, as Ansible does. */
export class VaultKeyring {
  readonly #keys: readonly VaultKey[]
  readonly #answers = new Map<string, Promise<Opened>>()
  /** Ids of keys that have opened something: those passwords are right. */
  readonly #proven = new Set<string>()

  constructor(keys: readonly VaultKey[]) {
    this.#keys = keys
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0
  }

  /** The plain text of each, in the same order. All are opened at once, so that the right keys are known. */
  async openAll(texts: readonly string[]): Promise<Opened[]> {
    const answers = await Promise.all(texts.map((text) => this.#open(text)))
    return answers.map((answer) =>
      answer.failure?.why === 'wrong-key' ? { failure: this.#wrongKey(answer.failure) } : answer,
    )
  }

  #open(text: string): Promise<Opened> {
    const known = this.#answers.get(text) ?? this.#tryKeys(text)
    this.#answers.set(text, known)
    return known
  }

  async #tryKeys(text: string): Promise<Opened> {
    try {
      if (!isVaultText(text)) throw new VaultDamage('it does not begin with $ANSIBLE_VAULT')
      const vault = parseVaultText(text)
      const label = vault.id === undefined ? '' : ` with the vault id "${vault.id}"`
      if (this.isEmpty) return missingKey(label, vault.id)
      const own = this.#keys.filter(({ id }) => id === vault.id)
      for (const key of [...own, ...this.#keys.filter((one) => !own.includes(one))]) {
        const plain = await openVaultText(vault, reveal(key.password))
        if (plain === undefined) continue
        this.#proven.add(key.id)
        return { text: plain }
      }
      if (vault.id !== undefined && vault.id !== 'default' && own.length === 0) return missingKey(label, vault.id)
      return { failure: { why: 'wrong-key', reason: `is encrypted${label}`, hint: vault.id ?? '' } }
    } catch (error) {
      if (!(error instanceof VaultDamage) && !(error instanceof TypeError)) throw error
      const how = error instanceof VaultDamage ? error.message : 'its content is no UTF-8 text'
      return {
        failure: { why: 'damaged', reason: `is a damaged text of Ansible's vault: ${how}`, hint: 'Encrypt it again.' },
      }
    }
  }

  #wrongKey({ reason, hint: id }: OpenFailure): OpenFailure {
    const tried = this.#keys.map((key) => key.id).join(', ')
    const proven = this.#keys.filter((key) => this.#proven.has(key.id) && (id === '' || key.id === id))
    if (proven.length > 0)
      return {
        why: 'damaged',
        reason: `${reason}, and was changed, or encrypted with another password: its check sum is wrong`,
        hint: `The password of "${proven[0]?.id}" opens other values. Encrypt this one again.`,
      }
    return {
      why: 'wrong-key',
      reason: `${reason}, and no given password opens it (${tried}): a wrong password, or the text was changed`,
      hint: 'See that the password is that which it was encrypted with.',
    }
  }
}

const missingKey = (label: string, id: string | undefined): Opened => ({
  failure: {
    why: 'missing-key',
    reason: `is encrypted by Ansible's vault${label}, and no password for it was given`,
    hint: `Give it: ${id === undefined ? '--vault-password-file FILE' : `--vault-id ${id}@FILE`}`,
  },
})
