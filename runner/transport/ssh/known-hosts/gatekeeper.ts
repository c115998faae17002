import type { ConnectError } from '../../../model/errors.ts'
import type { SshSettings } from '../settings.ts'
import { parseKnownHosts, type KnownHost } from './entry.ts'
import { judge, linesFor, type Verdict } from './judge.ts'
import { knownHostsName, refusal } from './refusal.ts'
import type { KnownHostsStore } from './store.ts'

/** Decides on one host's key: refuses, accepts, or accepts and remembers. */
export class Gatekeeper {
  readonly #settings: SshSettings
  readonly #store: KnownHostsStore
  readonly #name: string
  /** Keys accepted in this run that no file can keep. */
  #accepted: Buffer | undefined

  constructor(settings: SshSettings, store: KnownHostsStore) {
    this.#settings = settings
    this.#store = store
    this.#name = knownHostsName(settings)
  }

  /** The lines that speak of this host. */
  async lines(): Promise<KnownHost[]> {
    return linesFor(await this.#entries(), this.#name)
  }

  /** Undefined for a key that is accepted. Asked again at every rekey. */
  async judge(key: Buffer): Promise<ConnectError | undefined> {
    const verdict = await this.#verdict(key)
    if (verdict.kind !== 'unknown' || this.#settings.hostKeys !== 'accept-new') {
      return refusal(verdict, key, this.#settings, this.#name)
    }
    await this.#remember(key)
    return refusal(await this.#verdict(key), key, this.#settings, this.#name)
  }

  /**
   * Adds further keys of a host that has proven them, each of a type that is not known yet, so that a host may change its
   * key without being taken for another. Only where a line of the user's own file made the host known. Lines are never removed.
   */
  learn(keys: readonly Buffer[]): void {
    const file = this.#settings.userKnownHosts[0]
    if (!this.#settings.learnHostKeys || file === undefined) return
    for (const key of keys) {
      const isNews = async () => {
        const plain = (await this.lines()).filter((line) => line.marker === undefined)
        const revoked = judge(await this.lines(), key).kind === 'revoked'
        return !revoked && plain.some((line) => line.file === file) && !plain.some((line) => line.key.equals(key))
      }
      // That a file can't be written keeps nobody from working.
      this.#store.learn(file, this.#name, key, this.#settings.hashKnownHosts, isNews)
    }
  }

  async #remember(key: Buffer): Promise<void> {
    const file = this.#settings.userKnownHosts[0]
    if (this.#settings.knownHostsLines !== undefined || file === undefined || file === '/dev/null') {
      this.#accepted = key
      return
    }
    const stillUnknown = async () => (await this.#verdict(key)).kind === 'unknown'
    await this.#store.add(file, this.#name, key, this.#settings.hashKnownHosts, stillUnknown)
  }

  async #verdict(key: Buffer): Promise<Verdict> {
    const entries = await this.#entries()
    const verdict = judge(linesFor(entries, this.#name), key)
    if (verdict.kind !== 'unknown') return verdict
    if (this.#accepted?.equals(key) === true) return { kind: 'known' }
    if (this.#settings.hostKeyAlias !== undefined || this.#settings.port === 22) return verdict
    // OpenSSH takes a line without port for any port, but only when it fits.
    const anyPort = judge(linesFor(entries, this.#settings.address), key)
    return anyPort.kind === 'known' || anyPort.kind === 'revoked' ? anyPort : verdict
  }

  #entries(): Promise<readonly KnownHost[]> {
    const { knownHostsLines, userKnownHosts, globalKnownHosts } = this.#settings
    if (knownHostsLines === undefined) return this.#store.read([...userKnownHosts, ...globalKnownHosts])
    return Promise.resolve(parseKnownHosts(knownHostsLines.join('\n'), 'known host keys of the inventory'))
  }
}
