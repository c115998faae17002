import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer } from './host-config.ts'

interface Stored {
  readonly fingerprint: string
  readonly answers: Readonly<Record<string, Answer>>
}

/** Answers of `ssh -G` for one configuration file, kept over runs for as long as no file of it changes. */
export class ConfigCache {
  readonly #folder: string
  readonly #path: string
  readonly #fingerprint: string
  readonly #answers = new Map<string, Answer>()
  #loaded: Promise<void> | undefined
  #fresh = false

  constructor(folder: string, configFile: string, fingerprint: string) {
    this.#folder = folder
    const name = createHash('sha256').update(configFile).digest('hex').slice(0, 16)
    this.#path = join(folder, `ssh-config-${name}.json`)
    this.#fingerprint = fingerprint
  }

  async get(key: string): Promise<Answer | undefined> {
    await (this.#loaded ??= this.#load())
    return this.#answers.get(key)
  }

  set(key: string, answer: Answer): void {
    this.#answers.set(key, answer)
    this.#fresh = true
  }

  /** Writes what is new, at once or not at all. A cache that can't be written is no cache, and no failure. */
  async save(): Promise<void> {
    if (!this.#fresh) return
    this.#fresh = false
    const stored: Stored = { fingerprint: this.#fingerprint, answers: Object.fromEntries(this.#answers) }
    const draft = `${this.#path}.${randomBytes(6).toString('hex')}`
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(draft, JSON.stringify(stored), { mode: 0o600, flag: 'wx' })
      await rename(draft, this.#path)
    } catch {
      await rm(draft, { force: true }).catch(() => {})
    }
  }

  async #load(): Promise<void> {
    try {
      const stored = JSON.parse(await readFile(this.#path, 'utf8')) as Partial<Stored>
      if (stored.fingerprint !== this.#fingerprint) return
      for (const [key, answer] of Object.entries(stored.answers ?? {})) this.#answers.set(key, answer)
    } catch {
      // None yet, or a broken one: it is written anew.
    }
  }
}
