import type { Decrypter, Identity } from 'age-encryption'
import { TsplayError } from '../../../runner/model/errors.ts'
import { Secret, reveal } from '../../../runner/model/secret.ts'
import type { Opened, OpenFailure } from '../opened.ts'
import type { AgeKey, AgeKeys } from './age-key.ts'
import { scryptIdentity } from './scrypt.ts'

/** The library's words for a file that is whole, but for others. */
const nobody = "no identity matched any of the file's recipients"

/** Opens what age has encrypted, armoured. The library is only loaded, and keys are only asked for, where there is such a text. */
export class AgeKeyring {
  readonly #given: AgeKeys
  readonly #answers = new Map<string, Promise<Opened>>()
  #keys: Promise<readonly AgeKey[]> | undefined
  #passphrase: Promise<Secret<string>> | undefined

  constructor(given: AgeKeys) {
    this.#given = given
  }

  /** The plain text of each, in the same order. */
  openAll(texts: readonly string[]): Promise<Opened[]> {
    return Promise.all(texts.map((text) => this.#open(text)))
  }

  #open(text: string): Promise<Opened> {
    const known = this.#answers.get(text) ?? this.#tryKeys(text)
    this.#answers.set(text, known)
    return known
  }

  async #tryKeys(text: string): Promise<Opened> {
    const age = await import('age-encryption')
    const keys = await (this.#keys ??= this.#given.keys())
    const seen = new SeenKinds()
    const decrypter = new age.Decrypter()
    decrypter.addIdentity(seen)
    for (const key of keys) addKey(decrypter, key)
    const passphrase = this.#given.passphrase
    if (passphrase) decrypter.addIdentity(scryptIdentity(() => (this.#passphrase ??= passphrase())))
    let bytes: Uint8Array
    try {
      bytes = age.armor.decode(text)
    } catch (error) {
      return damaged(`its armour is broken (${messageOf(error)})`)
    }
    try {
      const plain = await decrypter.decrypt(bytes)
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(plain) }
    } catch (error) {
      // Nobody can be asked for a passphrase: neither the text nor a key is wrong.
      if (error instanceof TsplayError) return { failure: unasked(error) }
      if (seen.kinds === undefined) return damaged(`its header is broken (${messageOf(error)})`)
      if (!(error instanceof Error) || error.message !== nobody) return { failure: changed(error) }
      return {
        failure:
          keys.length === 0 && this.#passphrase === undefined ? missingKey(seen.kinds) : wrongKey(seen.kinds, keys),
      }
    }
  }
}

/** Comes first, opens nothing, and tells for whom a text is. */
class SeenKinds implements Identity {
  kinds: ReadonlySet<string> | undefined

  unwrapFileKey(stanzas: Parameters<Identity['unwrapFileKey']>[0]): null {
    this.kinds = new Set(stanzas.map(({ args: [kind = ''] }) => kind))
    return null
  }
}

function addKey(decrypter: Decrypter, { identity }: AgeKey): void {
  decrypter.addIdentity(identity instanceof Secret ? reveal(identity) : identity)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const damaged = (how: string): Opened => ({
  failure: {
    why: 'damaged',
    reason: `is a damaged text of age: ${how}`,
    hint: 'Take it from a backup, or encrypt it again.',
  },
})

/** A key fitted, and what follows did not: somebody changed or cut it. */
function changed(error: unknown): OpenFailure {
  const how = error instanceof TypeError ? 'its content is no UTF-8 text' : messageOf(error)
  return {
    why: 'damaged',
    reason: `is a text of age that was changed or cut after it was encrypted (${how})`,
    hint: 'Take it from a backup, or encrypt it again.',
  }
}

const unasked = ({ message }: TsplayError): OpenFailure => ({
  why: 'missing-key',
  reason: `is encrypted with age and a passphrase, and ${message}`,
  hint: 'Set TSPLAY_AGE_PASSPHRASE, or run it at a terminal.',
})

function missingKey(kinds: ReadonlySet<string>): OpenFailure {
  return {
    why: 'missing-key',
    reason: `is encrypted with age${forWhom(kinds)}, and no key was given`,
    hint: 'Give it: --age-key FILE, TSPLAY_AGE_KEY_FILE=FILE, or ~/.config/tsplay/age.key, which tsplay secrets keygen makes.',
  }
}

function wrongKey(kinds: ReadonlySet<string>, keys: readonly AgeKey[]): OpenFailure {
  const labels = [...new Set(keys.map(({ label }) => label))]
  if (kinds.has('scrypt'))
    return {
      why: 'wrong-key',
      reason: 'is encrypted with age, and another passphrase opens it',
      hint: 'See that it is the right one.',
    }
  return {
    why: 'wrong-key',
    reason: `is encrypted with age${forWhom(kinds)}, and not for the key given (${labels.join(', ')}); or its header was changed`,
    hint: 'Ask somebody who can open it to add your public key: tsplay secrets rekey',
  }
}

function forWhom(kinds: ReadonlySet<string>): string {
  if (kinds.has('scrypt')) return ' and a passphrase'
  if ([...kinds].every((kind) => kind.startsWith('ssh-'))) return ' for ssh keys'
  return ''
}
