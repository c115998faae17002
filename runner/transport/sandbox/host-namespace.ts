import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { TsplayError } from '../../model/errors.ts'
import { join } from 'node:path'
import type { Isolation, Launch } from './isolation.ts'
import { isRoot, type IdRange, type Programs } from './machine.ts'

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
  readonly init: number
  readonly holder: number
  readonly ended: Promise<void>
}

/** Never given inside: with them, even a mistake of the kernel's could reach the machine's hardware, clock or modules. */
const dropped = ['sys_module', 'sys_boot', 'sys_time', 'sys_rawio', 'mknod', 'net_admin', 'sys_resource', 'syslog']

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
    const { init, holder } = await this.#boot()
    const { programs, ids } = this.#plan
    const shared = ['--mount', '--uts', '--ipc', '--net']
    const single = ids.count === 1
    // Without root, the process namespace belongs to the outer user namespace: it has to be entered first, from there.
    const enter = isRoot()
      ? [programs.nsenter, '--target', `${holder}`, '--user', '--pid', ...shared, '--setuid', '0', '--setgid', '0']
      : [
          ...[programs.nsenter, '--target', `${init}`, '--user', '--pid', '--preserve-credentials'],
          ...[programs.nsenter, '--target', `${holder}`, '--user', ...shared],
          ...(single ? ['--preserve-credentials'] : ['--setuid', '0', '--setgid', '0']),
        ]
    const identity = single ? [] : ['--reuid=1000', '--regid=1000', '--init-groups']
    const [home, name] = single ? ['/root', 'root'] : ['/home/sandbox', 'sandbox']
    const limits = `--bounding-set=${dropped.map((capability) => `-${capability}`).join(',')}`
    const shell = command === undefined ? 'exec /bin/sh' : 'exec /bin/sh -c "$1"'
    return {
      file: enter[0] ?? programs.nsenter,
      args: [
        ...enter.slice(1),
        ...[programs.setpriv, limits, ...identity, '/bin/sh', '-c', `cd 2>/dev/null; ${shell}`, 'sh', command ?? ''],
      ],
      cwd: '/',
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...{ HOME: home, USER: name, LOGNAME: name, SHELL: '/bin/sh', LANG: 'C.UTF-8' },
      },
    }
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
    booted.then(({ ended }) => ended.then(forget), forget)
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
      programs.unshare,
      [...user, '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '/bin/sh', ...script],
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
      const holder = await handshake(process)
      return { process, init: holder.init, holder: holder.holder, ended }
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

/** Answers the boot script's lines: it sees other process ids than we, and those that count here come from /proc. */
async function handshake(process: ChildProcess): Promise<{ init: number; holder: number }> {
  if (process.stdout === null) throw new Error('no output')
  let init = 0
  let holder = 0
  for await (const line of createInterface({ input: process.stdout })) {
    const [word, id] = line.split(' ')
    if (word === 'init') init = Number(id)
    else if (word === 'waiting') process.stdin?.write(`go ${id}\n`)
    else if (word === 'built') {
      holder = Number(id)
      process.stdin?.write('built\n')
    } else if (word === 'ready') return { init, holder }
  }
  throw new Error('it ended before it was ready')
}
