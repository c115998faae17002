import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import pLimit from 'p-limit'
import { ConnectError } from '../../../model/errors.ts'
import { hashedName, keyType, parseKnownHosts, type KnownHost } from './entry.ts'
import { withLock } from './file-lock.ts'

/** What is known of host keys. Files are read once for as long as the store lives, and written by one writer at a time. */
export class KnownHostsStore {
  readonly #files = new Map<string, Promise<KnownHost[]>>()
  readonly #writer = pLimit(1)
  readonly #learning = new Set<Promise<void>>()

  /** The lines of all files that exist, in order. Throws ConnectError `host-key` for one that can't be read. */
  async read(files: readonly string[]): Promise<KnownHost[]> {
    const lists = await Promise.all(files.map((file) => this.#read(file)))
    return lists.flat()
  }

  /**
   * Adds a key, if `stillUnknown` says so once the file was read again under the lock: another process may have been
   * faster, with the same key or another one. Throws ConnectError `host-key` when the file can't be written.
   */
  add(file: string, name: string, key: Buffer, hashed: boolean, stillUnknown: () => Promise<boolean>): Promise<void> {
    return this.#writer(async () => {
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        await withLock(file, async () => {
          this.#files.delete(file)
          if (!(await stillUnknown())) return
          const text = await readFile(file, 'utf8').catch(() => '')
          const shown = hashed ? hashedName(name, randomBytes(20)) : name.toLowerCase()
          const line = `${shown} ${keyType(key)} ${key.toString('base64')}\n`
          await appendFile(file, text === '' || text.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 })
          this.#files.delete(file)
        })
      } catch (error) {
        if (error instanceof ConnectError) throw error
        throw new ConnectError('host-key', `${file} can not be written`, {
          cause: error,
          hint: 'Check its permissions.',
        })
      }
    })
  }

  /** As `add`, in the background, and only where `isNews`; a file that can't be written is left as it is. */
  learn(file: string, name: string, key: Buffer, hashed: boolean, isNews: () => Promise<boolean>): void {
    const done = isNews()
      .then((news) => (news ? this.add(file, name, key, hashed, isNews) : undefined))
      .catch(() => {})
    this.#learning.add(done)
    void done.then(() => this.#learning.delete(done))
  }

  /** Settles when everything that was to be learnt is. */
  async written(): Promise<void> {
    await Promise.all(this.#learning)
  }

  #read(file: string): Promise<KnownHost[]> {
    const known = this.#files.get(file) ?? load(file)
    this.#files.set(file, known)
    known.catch(() => this.#files.delete(file))
    return known
  }
}

async function load(file: string): Promise<KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new ConnectError('host-key', `${file} can not be read`, { cause: error, hint: 'Check its permissions.' })
  }
}
