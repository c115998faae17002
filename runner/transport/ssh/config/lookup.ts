import { userInfo } from 'node:os'
import { join } from 'node:path'
import { ConnectError } from '../../../model/errors.ts'
import { ConfigCache } from './cache.ts'
import { readConfigFile, type ConfigFile } from './file.ts'
import { unconfigured, type HostConfig } from './host-config.ts'
import { resolveInProcess } from './in-process.ts'
import { askOpenSsh, NoOpenSsh, type Question } from './openssh.ts'
import { Unsure } from './unsure.ts'

export interface ConfigLookupOptions {
  /** The folder whose `.ssh/config` is read. */
  readonly home: string
  /** Told once, when there is a configuration that only `ssh` can read, and no `ssh`. */
  readonly onNotice: (message: string) => void
}

interface Source {
  /** The user's file, then the system's; those that are there. */
  readonly files: readonly ConfigFile[]
  readonly cache: ConfigCache
  /** As `ssh -F` wants it; undefined for ssh's own choice. */
  readonly argument: string | undefined
}

const saysNothing = ({ files }: Source) => files.every((file) => file.lines.length === 0 && file.refused === undefined)

/**
 * ssh's configuration by host. Its files are read once and judged here; only where they ask for what ssh alone can tell
 * (Match exec, canonical names, keywords of other versions) OpenSSH itself is asked, once for each host and state of the files.
 */
export class ConfigLookup {
  readonly #options: ConfigLookupOptions
  /** What `none` stands for. */
  readonly #nothing: Source
  readonly #sources = new Map<string, Promise<Source>>()
  readonly #answers = new Map<string, Promise<HostConfig>>()
  #noticed = false

  constructor(options: ConfigLookupOptions) {
    this.#options = options
    this.#nothing = { files: [], cache: this.#cache('none', []), argument: 'none' }
  }

  /** What ssh would use for a host; empty where only its defaults would apply. `file` as Target.sshConfig. */
  async find(question: Omit<Question, 'file'>, file: string | undefined): Promise<HostConfig> {
    if (file === 'none' && question.options.length === 0) return unconfigured
    const path = this.#pathOf(file)
    const source = await this.#sourceOf(file)
    if (saysNothing(source) && question.options.length === 0) return unconfigured
    const key = [question.host, question.user ?? '', question.port ?? '', ...question.options].join('\n')
    return this.#once(this.#answers, `${path}\n${key}`, async () => {
      try {
        return resolveInProcess(source.files, question, this.#options.home)
      } catch (error) {
        if (!(error instanceof Unsure)) throw error
        return this.#ask(source, { ...question, file: source.argument }, key, error)
      }
    })
  }

  /** What `ssh -F` is to be told, so that it reads the same; undefined where it does so by itself. `file` as Target.sshConfig. */
  async argument(file: string | undefined): Promise<string | undefined> {
    const source = await this.#sourceOf(file)
    return source.argument !== undefined && saysNothing(source) ? 'none' : source.argument
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
    if (file === 'none') return Promise.resolve(this.#nothing)
    const path = this.#pathOf(file)
    return this.#once(this.#sources, path, () => this.#source(path, file !== undefined))
  }

  async #source(path: string, given: boolean): Promise<Source> {
    const { home } = this.#options
    const own = !given && home === userInfo().homedir
    const stamps: string[] = []
    const onFile = (stamp: string) => stamps.push(stamp)
    const user = await readConfigFile(path, { home, own: true, folder: join(home, '.ssh'), checked: !given, onFile })
    if (given && user === undefined) throw new ConnectError('config', `${path}: ssh's configuration does not exist`)
    const system = own
      ? await readConfigFile('/etc/ssh/ssh_config', { home, own: false, folder: '/etc/ssh', checked: false, onFile })
      : undefined
    return {
      files: [user, system].filter((file) => file !== undefined),
      cache: this.#cache(path, stamps),
      argument: own ? undefined : path,
    }
  }

  #cache(path: string, stamps: readonly string[]): ConfigCache {
    const caches = process.env['XDG_CACHE_HOME'] ?? join(this.#options.home, '.cache')
    return new ConfigCache(join(caches, 'tsplay'), path, stamps.join('\n'))
  }

  async #ask({ cache }: Source, question: Question, key: string, why: Unsure): Promise<HostConfig> {
    const config = { places: {}, applied: undefined, asked: why.message }
    const known = why.lasting ? await cache.get(key) : undefined
    if (known !== undefined) return { ...config, answer: known }
    try {
      const answer = await askOpenSsh(question)
      if (why.lasting) cache.set(key, answer)
      return { ...config, answer }
    } catch (error) {
      if (!(error instanceof NoOpenSsh)) throw error
      if (!this.#noticed) {
        this.#options.onNotice(
          `ssh's configuration is not used: only OpenSSH's ssh can read it, which is not installed (${why.message}).`,
        )
      }
      this.#noticed = true
      return unconfigured
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
