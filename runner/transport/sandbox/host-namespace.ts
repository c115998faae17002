import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { TsplayError } from '../../model/errors.ts'
import type { Isolation, Launch } from './isolation.ts'
import { isRoot, type IdRange, type Programs } from './machine.ts'
import { NamespaceEntry } from './namespace-entry.ts'

/** What every host of a sandbox is made with. */
export interface HostPlan {
  readonly programs: Programs
  readonly ids: IdRange
  /** Holds what new hosts are filled with; see {@link writeTemplate}. */
  readonly template: string
  /** See {@link workFolder}. */
  readonly work: string
}

interface Booted {
  readonly process: ChildProcess
  readonly entry: NamespaceEntry
  readonly ended: Promise<void>
}

const bootLimitMs = 20_000

/**
 * A host in namespaces of its own (user, mount, pid, uts, ipc, net). It boots when first needed, and again after
 * something inside has ended all of it, as `kill -9 -1` does; its files stay, /tmp and /run are new.
 */
export class HostNamespace implements Isolation {
  readonly #name: string
  readonly #state: string
  readonly #plan: HostPlan
  #booted: Promise<Booted> | undefined
  #closed = false

  /** `state` holds the folders `root` and `local`, both made by us and out of the host's own reach. */
  constructor(name: string, state: string, plan: HostPlan) {
    this.#name = name
    this.#state = state
    this.#plan = plan
  }

  get user(): string {
    return this.#plan.ids.count === 1 ? 'root' : 'sandbox'
  }

  /** Boots the host if it does not run. Rejects with TsplayError CONNECT where the kernel refuses. */
  async boot(): Promise<void> {
    await this.#boot()
  }

  async launch(command: string | undefined): Promise<Launch> {
    const { entry } = await this.#boot()
    return entry.launch(command, this.#plan.programs, this.#plan.ids)
  }

  async close(): Promise<void> {
    this.#closed = true
    const booted = await this.#booted?.catch(() => undefined)
    if (booted === undefined) return
    booted.process.stdin?.destroy()
    const late = setTimeout(() => booted.process.kill('SIGKILL'), 3000)
    await booted.ended
    clearTimeout(late)
  }

  #boot(): Promise<Booted> {
    if (this.#closed) return Promise.reject(new TsplayError('CONNECT', `${this.#name}: the sandbox was closed`))
    if (this.#booted !== undefined) return this.#booted
    const booted = this.#start()
    this.#booted = booted
    const forget = () => {
      if (this.#booted === booted) this.#booted = undefined
    }
    booted.then(async ({ ended, entry }) => {
      await ended
      forget()
      entry.close()
    }, forget)
    return booted
  }

  async #start(): Promise<Booted> {
    const { programs, ids, template, work } = this.#plan
    const user = isRoot() ? [] : ['--user', '--map-root-user', ...(ids.count > 1 ? ['--map-auto'] : [])]
    const script = [
      join(template, 'boot'),
      this.#state,
      template,
      work,
      `${ids.first ?? ''}`,
      `${ids.count}`,
      this.#name,
    ]
    const process = spawn(
      programs.setpriv,
      // Both ends of this process are watched: a host must not outlive tsplay, whatever it did to its own processes.
      [
        '--pdeathsig',
        'KILL',
        '--',
        programs.unshare,
        ...user,
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        '--propagation',
        'private',
        '/bin/sh',
        ...script,
      ],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        cwd: '/',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
        detached: true,
      },
    )
    const ended = new Promise<void>((resolve) => {
      process.once('error', () => resolve()).once('close', () => resolve())
    })
    let complaint = ''
    process.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)))
    process.stdin.on('error', () => {})
    const late = setTimeout(() => process.kill('SIGKILL'), bootLimitMs)
    try {
      const entry = await handshake(process)
      return { process, entry, ended }
    } catch (cause) {
      process.kill('SIGKILL')
      await ended
      const last = complaint.trim().split('\n').at(-1) ?? ''
      throw new TsplayError('CONNECT', `${this.#name}: the sandbox can't be made: ${last || 'no reason was given'}`, {
        cause,
      })
    } finally {
      clearTimeout(late)
    }
  }
}

/** Answers the boot script's lines: it sees other process ids than we, and those that count here come from the machine's /proc. */
async function handshake(process: ChildProcess): Promise<NamespaceEntry> {
  if (process.stdout === null) throw new Error('no output')
  let init = 0
  let entry: NamespaceEntry | undefined
  for await (const line of createInterface({ input: process.stdout })) {
    const [word, id] = line.split(' ')
    if (word === 'init') init = Number(id)
    else if (word === 'waiting') process.stdin?.write(`go ${id}\n`)
    else if (word === 'built') {
      entry = new NamespaceEntry(init, Number(id))
      process.stdin?.write('built\n')
    } else if (word === 'ready' && entry !== undefined) return entry
  }
  entry?.close()
  throw new Error('it ended before it was ready')
}
