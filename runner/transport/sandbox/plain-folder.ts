import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { TsplayError } from '../../model/errors.ts'
import type { Isolation, Launch } from './isolation.ts'
import { isRoot } from './machine.ts'

/** What the user has to know where hosts are plain folders. */
export const plainNotice =
  "this machine's kernel refuses namespaces: each sandbox host is only a folder, as its home and working directory. " +
  'Paths outside it are the real ones and are NOT protected, and become is refused'

const refusal = `#!/bin/sh
echo "sudo: become is refused: this sandbox host is only a folder of the real machine (see docs/sandbox.md)" >&2
exit 1
`

/**
 * A host that is no more than a folder, for machines whose kernel refuses namespaces. Programs run as the user who runs
 * tsplay and see the real machine; sudo and its like are refused.
 */
export class PlainFolder implements Isolation {
  readonly user = userName()
  readonly #home: string
  readonly #refused: string

  private constructor(home: string, refused: string) {
    this.#home = home
    this.#refused = refused
  }

  /** Throws TsplayError CONNECT for root: nothing would hold it back. */
  static async make(state: string): Promise<PlainFolder> {
    if (isRoot()) {
      throw new TsplayError(
        'CONNECT',
        'a sandbox without namespaces is refused for root: nothing would protect the machine',
        {
          hint: 'run tsplay as an ordinary user, or where the kernel allows namespaces',
        },
      )
    }
    const [home, refused] = [join(state, 'root'), join(state, 'refused')]
    for (const folder of [home, refused]) await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of ['sudo', 'su', 'doas', 'pkexec', 'run0']) {
      await writeFile(join(refused, name), refusal.replace('sudo:', `${name}:`), { mode: 0o755 })
    }
    return new PlainFolder(home, refused)
  }

  launch(command: string | undefined): Promise<Launch> {
    const env = { HOME: this.#home, USER: this.user, LOGNAME: this.user, SHELL: '/bin/sh', LANG: 'C.UTF-8' }
    return Promise.resolve({
      file: '/bin/sh',
      args: command === undefined ? [] : ['-c', command],
      cwd: this.#home,
      env: { ...env, PATH: `${this.#refused}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin` },
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** An id without an entry in passwd has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'sandbox'
  }
}
