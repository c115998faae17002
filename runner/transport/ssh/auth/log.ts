import { ConnectError } from '../../../model/errors.ts'
import type { SshSettings } from '../settings.ts'
import type { Identity } from './identity.ts'
import { fingerprint } from '../known-hosts/judge.ts'

/** What was tried to log in and what the server said to it: the makings of an error that helps. */
export class AuthLog {
  /** Methods that the server would still take; null before its first answer. */
  offered: readonly string[] | null = null
  /** One method was accepted, and the server wants another as well. */
  partial = false
  readonly #tried: string[] = []
  readonly #notes: string[]
  readonly #where: string
  readonly #settings: SshSettings
  readonly #identities: readonly Identity[]

  constructor(where: string, settings: SshSettings, identities: readonly Identity[], notes: readonly string[]) {
    this.#where = where
    this.#settings = settings
    this.#identities = identities
    this.#notes = [...notes]
  }

  tried(method: string): void {
    this.#tried.push(method)
  }

  /** Something that kept a key from being used. */
  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text)
  }

  /** The server's answer to the last try; `null` before the first. */
  answered(offered: readonly string[] | null, partial: boolean | null): void {
    this.offered = offered
    this.partial ||= partial === true
  }

  /** Everything was tried and refused. */
  failure(): ConnectError {
    return this.#error(`${this.#where}: login refused`)
  }

  /** The server ended the connection while the login went on; undefined when it had not begun. */
  cutShort(cause: Error | undefined): ConnectError | undefined {
    if (this.#tried.length === 0) return undefined
    return this.#error(
      `${this.#where}: the login was cut short: ${cause?.message ?? 'the server closed the connection'}`,
    )
  }

  #error(first: string): ConnectError {
    const keys = this.#identities.map(
      (identity) => `  key ${identity.label} ${fingerprint(identity.publicKey.getPublicSSH())}`,
    )
    const others = this.#tried.filter((method) => method !== 'publickey' && method !== 'none')
    const lines = [
      first,
      ...keys,
      ...(keys.length === 0 ? ['  no key to try'] : []),
      ...others.map((method) => `  ${method}`),
      ...this.#notes.map((note) => `  ${note}`),
      ...(this.partial ? ['  one method was accepted, and the server wants another one as well'] : []),
      ...(this.offered === null ? [] : [`  the server takes: ${this.offered.join(', ')}`]),
    ]
    return new ConnectError('auth', lines.join('\n'), { hint: this.#hint() })
  }

  #hint(): string {
    if (this.offered?.some((method) => method === 'publickey') === false) {
      return 'This server takes no keys: give the password with -k or ansible_password.'
    }
    return `Check the user name, and add a key to ~/.ssh/authorized_keys of ${this.#settings.user} on the host: ssh-copy-id.`
  }
}
