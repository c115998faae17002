import type { Identity, Recipient } from 'age-encryption'
import type { Secret } from '../../../runner/model/secret.ts'

/** A private key that opens what age has encrypted. */
export interface AgeKey {
  /** Where it is from, for people: a file, a variable of the environment. */
  readonly label: string
  /** `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, or what opens stanzas of another kind. */
  readonly identity: Secret<string> | Identity
  /** Its public half, where the key itself does not give it. */
  readonly recipient?: Recipient
}

/** What is known of keys; each is only asked for once something encrypted is found. */
export interface AgeKeys {
  readonly keys: () => Promise<readonly AgeKey[]>
  /** For what was encrypted with a passphrase. @default nobody is asked: such a text counts as one without a key */
  readonly passphrase?: () => Promise<Secret<string>>
}
