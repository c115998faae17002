import type { AgeKeys } from './age/age-key.ts'
import { AgeKeyring } from './age/age-keyring.ts'
import { isAgeText } from './age/age-text.ts'
import type { Opened } from './opened.ts'
import { VaultKeyring } from './vault-keyring.ts'
import type { VaultKey } from './vault-keyring.ts'
import { isVaultText } from './vault-text.ts'

/** Keys for what inventories hold encrypted. */
export interface Keys {
  /** Passwords of Ansible's vault. @default none */
  readonly vaultKeys?: readonly VaultKey[]
  /** @default none */
  readonly ageKeys?: AgeKeys
}

/** Whether a text is encrypted, by age or by Ansible's vault. */
export const isEncrypted = (text: string): boolean => isVaultText(text) || isAgeText(text)

/** Opens what is encrypted, by whatever it was. */
export class Keyring {
  readonly #vault: VaultKeyring
  readonly #age: AgeKeyring

  constructor({ vaultKeys = [], ageKeys = { keys: () => Promise.resolve([]) } }: Keys) {
    this.#vault = new VaultKeyring(vaultKeys)
    this.#age = new AgeKeyring(ageKeys)
  }

  /** Whether values of vault texts are to be opened: without any password they stay as they are, as for Ansible. */
  get hasVaultKeys(): boolean {
    return !this.#vault.isEmpty
  }

  /** The plain text of each, in the same order. All are opened at once, so that the right keys are known. */
  async openAll(texts: readonly string[]): Promise<Opened[]> {
    const [ages, vaults] = [texts.filter(isAgeText), texts.filter((text) => !isAgeText(text))]
    const [fromAge, fromVault] = await Promise.all([this.#age.openAll(ages), this.#vault.openAll(vaults)])
    const opened = new Map([
      ...ages.map((text, i) => [text, fromAge[i]!] as const),
      ...vaults.map((text, i) => [text, fromVault[i]!] as const),
    ])
    return texts.map((text) => opened.get(text)!)
  }
}
