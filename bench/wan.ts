import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CleanUp } from '../tests/helpers/clean-up.ts'
import type { SshdRig } from '../tests/helpers/sshd.ts'

const run = promisify(execFile)

/** The hosts of a rig once more, behind a network that delays each packet. */
export interface Wan extends AsyncDisposable {
  readonly address: string
  readonly ports: readonly number[]
  /** Runs a command where the hosts are reached from. */
  readonly prefix: readonly string[]
}

/** Why there can be no such network here; `undefined` when there can. */
export async function wanUnavailable(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it needs root'
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun'
  for (const program of ['ip', 'python3']) {
    const found = await run('sh', ['-c', `command -v ${program}`]).catch(() => undefined)
    if (found === undefined) return `there is no ${program}`
  }
  const name = `tsplay-try-${process.pid}`
  try {
    await run('ip', ['netns', 'add', name])
    await run('ip', ['netns', 'del', name])
    return undefined
  } catch (error) {
    return `network namespaces can not be made: ${error instanceof Error ? error.message.trim() : String(error)}`
  }
}

const address = '10.9.0.2'
const firstPort = 2201

/** Two network namespaces, joined by a delay of half the round trip each way; see wan.py. */
export async function startWan(rig: SshdRig, roundTripMs: number): Promise<Wan> {
  await using stack = new CleanUp()
  const [near, far] = ['a', 'b'].map((end) => `tsplay-${process.pid}${end}`) as [string, string]
  for (const name of [near, far]) {
    await run('ip', ['netns', 'add', name])
    stack.defer(() => run('ip', ['netns', 'del', name]))
  }
  const script = fileURLToPath(new URL('wan.py', import.meta.url))
  const delay = started(stack, spawn('python3', [script, near, far, String(roundTripMs / 2)], pipes))
  await Promise.race([once(delay.stdout as NodeJS.EventEmitter, 'data'), exitOf(delay)])
  const ports = rig.hosts.map((_, i) => firstPort + i)
  for (const [i, host] of rig.hosts.entries()) {
    const config = `${rig.folder}/${host.name}/sshd_config`
    const at = ['-o', `ListenAddress=${address}`, '-o', `Port=${ports[i]}`, '-o', 'MaxStartups=100']
    started(stack, spawn('ip', ['netns', 'exec', far, '/usr/sbin/sshd', '-D', '-e', '-f', config, ...at], ignored))
  }
  await sleep(300)
  const cleanUp = stack.move()
  return {
    address,
    ports,
    prefix: ['ip', 'netns', 'exec', near],
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

const pipes: SpawnOptions = { stdio: ['ignore', 'pipe', 'inherit'] }
const ignored: SpawnOptions = { stdio: 'ignore' }

function started(stack: CleanUp, child: ChildProcess): ChildProcess {
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  return child
}

async function exitOf(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null]
  throw new Error(`the delaying network ended with ${code}`)
}
