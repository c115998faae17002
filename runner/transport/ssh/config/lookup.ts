import { join } from 'node:path'
import { userInfo } from 'node:os'
import { ConfigCache } from './cache.ts'
import { configFiles, type ConfigFiles } from './files.ts'
import { askOpenSsh, NoOpenSsh, type Answer, type Question } from './openssh.ts'

const nothing: Answer = {}

/** A host name that no `Host` line can mean. Used where all hosts get the same answer. */
const anyHost = 'any-host'

export interface ConfigLookupOptions {
  /** The folder whose `.ssh/config` is read. */
  readonly home: string
  /** Told once, when there is a configuration but no `ssh` to read it. */
  readonly onNotice: (message: string) => void
}

interface Source {
  readonly files: ConfigFiles
  readonly cache: ConfigCache
  /** As `ssh -F` wants it; undefined for ssh's own choice. */
  readonly argument: string | undefined
}

/** ssh's configuration by host: asked of OpenSSH itself, at most once for each host and state of the files. */
export class ConfigLookup {
  readonly #options: ConfigLookupOptions
  readonly #sources = new Map<string, Promise<Source>>()
  readonly #answers = new Map<string, Promise<Answer>>()
  #noticed = false

  constructor(options: ConfigLookupOptions) {
    this.#options = options
  }

  /** What ssh would use for a host; empty where only its defaults would apply. `file` as Target.sshConfig. */
  async find(question: Omit<Question, 'file'>, file: string | undefined): Promise<Answer> {
    if (file === 'none') return nothing
    const path = this.#pathOf(file)
    const source = await this.#sourceOf(file)
    if (source.files.empty) return nothing
    // User and port are ours to lay over the answer where no line can depend on them.
    const asked = source.files.uniform ? { host: anyHost, user: undefined, port: undefined } : question
    const key = [asked.host, asked.user ?? '', asked.port ?? ''].join('\n')
    return this.#once(this.#answers, `${path}\n${key}`, () =>
      this.#ask(source, { ...asked, file: source.argument }, key),
    )
  }

  /** What `ssh -F` is to be told, so that it reads the same; undefined where it does so by itself. `file` as Target.sshConfig. */
  async argument(file: string | undefined): Promise<string | undefined> {
    if (file === 'none') return 'none'
    const { argument, files } = await this.#sourceOf(file)
    return argument !== undefined && files.empty ? 'none' : argument
  }

  /** Keeps what was learnt for the next run. */
  async save(): Promise<void> {
    const sources = await Promise.allSettled(this.#sources.values())
    await Promise.all(sources.flatMap((source) => (source.status === 'fulfilled' ? [source.value.cache.save()] : [])))
  }

  #pathOf(file: string | undefined): string {
    return file ?? join(this.#options.home, '.ssh', 'config')
  }

  #sourceOf(file: string | undefined): Promise<Source> {
    const path = this.#pathOf(file)
    return this.#once(this.#sources, path, () => this.#source(path, file !== undefined))
  }

  async #source(path: string, given: boolean): Promise<Source> {
    const own = !given && this.#options.home === userInfo().homedir
    const files = await configFiles(path, own ? '/etc/ssh/ssh_config' : undefined)
    const caches = process.env['XDG_CACHE_HOME'] ?? join(this.#options.home, '.cache')
    const cache = new ConfigCache(join(caches, 'tsplay'), path, files.fingerprint)
    return { files, cache, argument: own ? undefined : path }
  }

  async #ask({ files, cache }: Source, question: Question, key: string): Promise<Answer> {
    const known = files.lasting ? await cache.get(key) : undefined
    if (known !== undefined) return known
    try {
      const answer = await askOpenSsh(question)
      if (files.lasting) cache.set(key, answer)
      return answer
    } catch (error) {
      if (!(error instanceof NoOpenSsh)) throw error
      if (!this.#noticed) {
        this.#options.onNotice("ssh's configuration is not used: it is read by OpenSSH's ssh, which is not installed.")
      }
      this.#noticed = true
      return nothing
    }
  }

  /** A failure is forgotten, so that it is not the answer for ever. */
  #once<T>(store: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    const known = store.get(key)
    if (known !== undefined) return known
    const made = make()
    store.set(key, made)
    made.catch(() => store.delete(key))
    return made
  }
}
