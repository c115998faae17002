import { inspect } from 'node:util'

/** Shell, logs and JSON all begin by turning a value into text: refusing that is what keeps a secret out of them. */
function refuse(): never {
  throw new TypeError(
    'a Secret can not be printed, joined or serialised: pass it whole, or build another with secret`…${it}…` or .map()',
  )
}

let read: <T>(secret: Secret<T>) => T

/** Every secret text of this process, so that it can be masked in whatever a host sends back. */
const texts = new Set<string>()

/**
 * A value that must not be seen: a password, a token, a key. It can be handed to every option that takes a
 * `Secret`, transformed with {@link Secret.map} and composed with the {@link secret} tag; turning it into text throws.
 */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
    if (typeof value === 'string' && value !== '') texts.add(value)
  }

  static {
    read = (secret) => secret.#value
  }

  /** A new secret made from this one's value. */
  map<U>(change: (value: T) => U): Secret<U> {
    return new Secret(change(this.#value))
  }

  toString(): never {
    return refuse()
  }

  toJSON(): never {
    return refuse()
  }

  [Symbol.toPrimitive](): never {
    return refuse()
  }

  [inspect.custom](): string {
    return '<secret>'
  }
}

/** The secret texts that are to be masked. For the engine alone. */
export const knownSecrets = (): ReadonlySet<string> => texts

/** The value itself. For the engine and the session alone; not exported to playbooks. */
export const reveal = <T>(value: Secret<T>): T => read(value)

/** Reveals a secret and passes anything else through. For the engine and the session alone. */
export const revealAny = <T>(value: T | Secret<T>): T => (value instanceof Secret ? read(value) : value)

/** Composes a secret from text and other secrets: secret`user=${name} password=${password}`. */
export function secret(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Secret<string>)[]
): Secret<string> {
  return new Secret(strings.reduce((text, part, i) => text + String(revealAny(values[i - 1] as string)) + part))
}
