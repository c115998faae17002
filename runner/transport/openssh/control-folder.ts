import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

/**
 * Ends the connections of a tsplay that was killed: its standard input ends with us. Connections that were still being
 * made get their socket a little later.
 */
const guard = `cat >/dev/null
[ -d "$1" ] || exit 0
for i in 1 2 3 4 5 6 7 8; do
  for s in "$1"/c*; do [ -S "$s" ] && ssh -F none -S "$s" -O exit -- host; done
  sleep 2
done >/dev/null 2>&1
rm -rf -- "$1"`

/** A folder of this run's own, 0700: sockets of connections, whose paths must be short, and files that ssh is to read. */
export class ControlFolder {
  readonly #path: string
  readonly #guard: ChildProcess
  #count = 0

  private constructor(path: string) {
    this.#path = path
    this.#guard = spawn('/bin/sh', ['-c', guard, 'tsplay', path], {
      // In a group of its own: Ctrl-C is for tsplay alone.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#guard.stdin?.on('error', () => {})
    this.#guard.on('error', () => {})
    // Neither is a reason to go on for a process that is done.
    this.#guard.unref()
    const { stdin } = this.#guard
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  }

  static async make(): Promise<ControlFolder> {
    return new ControlFolder(await mkdtemp(join(tmpdir(), 'tsplay-')))
  }

  /** A path for the socket of a new connection. */
  socket(): string {
    this.#count += 1
    return join(this.#path, `c${this.#count}`)
  }

  /** What the names of further files may begin with. */
  path(): string {
    this.#count += 1
    return join(this.#path, `a${this.#count}`)
  }

  /** Writes a file that only this user may read, and gives its path. */
  async write(text: string): Promise<string> {
    this.#count += 1
    const path = join(this.#path, `f${this.#count}`)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true })
    if (this.#guard.exitCode !== null || this.#guard.pid === undefined) return
    const ended = once(this.#guard, 'exit')
    this.#guard.ref()
    this.#guard.stdin?.destroy()
    await ended
  }
}
