import { readFile } from 'node:fs/promises'
import { ConnectError } from '../../../model/errors.ts'
import { parseKnownHosts, type KnownHost } from './entry.ts'

/** Reads known_hosts files, each once for as long as the store lives. */
export class KnownHostsStore {
  readonly #files = new Map<string, Promise<KnownHost[]>>()

  /** The lines of all files that exist, in order. Throws ConnectError `host-key` for one that can't be read. */
  async read(files: readonly string[]): Promise<KnownHost[]> {
    const lists = await Promise.all(files.map((file) => this.#read(file)))
    return lists.flat()
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
