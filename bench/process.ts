import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** What one whole process took, from its start to its end. */
export interface Measured {
  readonly ms: number
  /** User and system time of the process and of what it started here, in milliseconds; not that of the hosts. */
  readonly cpuMs: number
  /** The most memory that its process tree was seen to hold, in KiB; 0 unless asked for. */
  readonly peakKb: number
  readonly code: number
  readonly output: string
}

export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Samples memory every so many milliseconds; costs time, so the times are then of no use. */
  readonly memoryEveryMs?: number
}

/** Runs a command to its end. */
export async function measure(argv: readonly string[], options: ProcessOptions = {}): Promise<Measured> {
  const started = performance.now()
  // `times` tells what the shell's ended children took, theirs included.
  const shell = spawn('/bin/sh', ['-c', '"$@"; code=$?; times >&3; exit $code', 'sh', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let output = ''
  let times = ''
  for (const stream of [shell.stdout, shell.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  shell.stdio[3]?.on('data', (chunk: Buffer) => (times += chunk.toString()))
  let peakKb = 0
  const ended = new Promise<number>((done, fail) => {
    shell.once('error', fail)
    shell.once('close', (code) => done(code ?? 255))
  })
  let over = false
  void ended.finally(() => (over = true))
  while (options.memoryEveryMs !== undefined && !over && shell.pid !== undefined) {
    peakKb = Math.max(peakKb, await treeResident(shell.pid))
    await sleep(options.memoryEveryMs)
  }
  const code = await ended
  return { ms: performance.now() - started, cpuMs: childrenCpuMs(times), peakKb, code, output }
}

/** The second line of `times`: user and system time of children, as `0m1.234s 0m0.567s`. */
function childrenCpuMs(times: string): number {
  const [, line = ''] = times.trim().split('\n')
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  )
}

/**
 * The resident memory of a process and its descendants, in KiB: what each has for itself, and the most that one of them
 * shares. Not PSS, which grows smaller with each program on the machine that has the same binary mapped.
 */
async function treeResident(root: number): Promise<number> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = /^.*\) \S (\d+)/s.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const within = (pid: number): boolean => pid === root || (parents.has(pid) && within(parents.get(pid) ?? 0))
  let own = 0
  let shared = 0
  for (const pid of parents.keys()) {
    if (!within(pid)) continue
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0)
    const sharedHere = kb('Shared_Clean') + kb('Shared_Dirty')
    own += kb('Rss') - sharedHere
    shared = Math.max(shared, sharedHere)
  }
  return own + shared
}
