import { ConnectError } from '../../../model/errors.ts'
import type { SshSettings } from '../settings.ts'
import type { Identity } from './identity.ts'
import { fingerprint } from '../known-hosts/judge.ts'

/** What was tried to log in and what the server said to it: the makings of an error that helps. */
export class AuthLog {
  /** Methods that the server would still take; null before its first answer. */
  offered: readonly string[] | null = null
  #partial = false
  readonly #tried: string[] = []
  readonly #notes: string[]
  readonly #settings: SshSettings
  readonly #identities: readonly Identity[]

  constructor(settings: SshSettings, identities: readonly Identity[], notes: readonly string[]) {
    this.#settings = settings
    this.#identities = identities
    this.#notes = [...notes]
  }

  /** Whether anything was tried yet. */
  get begun(): boolean {
    return this.#tried.length > 0
  }

  tried(method: string, _offered: readonly string[] | null): void {
    this.#tried.push(method)
  }

  /** Something that kept a key from being used. */
  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text)
  }

  /** The server's answer to the last try; `null` before the first. */
  answered(offered: readonly string[] | null, partial: boolean | null): void {
    this.offered = offered
    this.#partial ||= partial === true
  }

  /** Everything was tried and refused. */
  failure(where: string): ConnectError {
    return this.#error(`${where}: login refused`)
  }

  /** The server ended the connection while the login went on. */
  cutShort(where: string, why: string): ConnectError {
    return this.#error(`${where}: the login was cut short: ${why}`)
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
      ...(this.#partial ? ['  the server wants more than one method, and that is not supported'] : []),
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
