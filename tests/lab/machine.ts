import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { labFolder, locked, run, script } from './folder.ts'

/** A host that runs: what is known of it lies in its folder, so that any process can stop it. */
export interface Machine {
  readonly number: number
  readonly name: string
  readonly address: string
  readonly folder: string
  /** `ssh-ed25519 AAAA…`, as in known_hosts. */
  readonly hostKey: string
}

const addressOf = (number: number) => `10.67.0.${number}`

export interface MachineOptions {
  /** Whether containers can run on it. @default false */
  readonly kubernetes?: boolean | undefined
  /** `dnf`: dnf and rpm in place of apt and dpkg; takes two minutes when it is first asked for. @default apt */
  readonly packages?: 'apt' | 'dnf' | undefined
  /** The release of Debian; takes a minute when another than Debian 12 is first asked for. @default bookworm */
  readonly release?: 'bookworm' | 'trixie' | undefined
}

/** Boots a host in about 2 s. It ends with `owner`, a process id, at the latest when the next lab is started. */
export async function boot(
  name: string,
  publicKey: string,
  owner?: number,
  { kubernetes = false, packages = 'apt', release = 'bookworm' }: MachineOptions = {},
): Promise<Machine> {
  const folder = labFolder()
  await locked('base.lock', 'base.sh', folder, release)
  if (packages === 'dnf') await locked('dnf.lock', 'dnf.sh', folder)
  const number = Number(await locked('numbers.lock', 'number.sh', folder, String(process.pid)))
  const own = join(folder, 'machines', String(number))
  await mkdir(own, { recursive: true })
  await networkUp()
  await writeFile(join(own, 'name'), name)
  if (owner !== undefined) await writeFile(join(own, 'owner'), String(owner))
  const console = openSync(join(own, 'console.log'), 'a')
  const child = spawn(script('host.sh'), [folder, String(number), name, publicKey], {
    detached: true,
    stdio: ['ignore', console, console],
    env: {
      ...process.env,
      LAB_KUBERNETES: kubernetes ? 'yes' : '',
      LAB_LAYER: packages === 'dnf' ? 'dnf' : '',
      LAB_BASE: release === 'bookworm' ? 'base' : `base-${release}`,
    },
  })
  closeSync(console)
  child.unref()
  await writeFile(join(own, 'pid'), String(child.pid))
  let ended = false
  child.once('exit', () => (ended = true))
  // About 2 s; a busy machine is given its time.
  const late = performance.now() + 180_000
  while (performance.now() < late && !ended) {
    if (await answers(addressOf(number))) {
      const key = await readFile(join(own, 'root/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')
      return { number, name, address: addressOf(number), folder: own, hostKey: key.split(' ').slice(0, 2).join(' ') }
    }
    await sleep(100)
  }
  const log = await readFile(join(own, 'console.log'), 'utf8')
  await shutDown(number)
  throw new Error(`the lab host ${name} did not come up:\n${log.slice(-2000)}`)
}

/** The network that hosts are in; it ends with the last of them. */
export const networkUp = () => locked('network.lock', 'network.sh', 'up', labFolder())

async function answers(address: string): Promise<boolean> {
  const socket = connect({ host: address, port: 22, timeout: 5000 })
  socket.on('error', () => {})
  try {
    return await Promise.race([
      once(socket, 'data').then(([data]) => String(data).startsWith('SSH-')),
      once(socket, 'timeout').then(() => false),
      once(socket, 'close').then(() => false),
    ])
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Stops a host as pulling its plug does, and wipes it. */
export async function shutDown(number: number): Promise<void> {
  const folder = labFolder()
  const own = join(folder, 'machines', String(number))
  const pid = await numberIn(join(own, 'pid'))
  // The host's own first process is the kernel's to kill everything with.
  const init = pid === undefined ? undefined : await initOf(pid)
  for (const it of [init, pid]) if (it !== undefined) signal(it, 'SIGKILL')
  for (let waited = 0; pid !== undefined && isAlive(pid) && waited < 5000; waited += 20) await sleep(20)
  await killGroup(number)
  await run('umount', ['-l', join(own, 'root')]).catch(() => {})
  await rm(own, { recursive: true, force: true })
  await rm(join(folder, 'numbers', String(number)), { force: true })
  await removeControlGroups(number)
  await locked('network.lock', 'network.sh', 'down', folder)
}

/** Numbers and names of the hosts that are up, or were when this machine stopped. */
export async function machines(): Promise<{ number: number; name: string; owner: number | undefined }[]> {
  const folder = join(labFolder(), 'machines')
  const numbers = (await readdir(folder).catch(() => [])).map(Number)
  return Promise.all(
    numbers.map(async (number) => ({
      number,
      name: await readFile(join(folder, String(number), 'name'), 'utf8').catch(() => ''),
      owner: await numberIn(join(folder, String(number), 'owner')),
    })),
  )
}

/** Stops the hosts of processes that have ended without doing so. */
export async function sweep(): Promise<void> {
  for (const { number, owner } of await machines()) {
    if (owner !== undefined && !isAlive(owner)) await shutDown(number)
  }
}

/** The host's first process, as this machine sees it: the child of what its script has started. */
export async function initOf(pid: number): Promise<number | undefined> {
  const container = await firstChild(pid)
  return container === undefined ? undefined : firstChild(container)
}

async function firstChild(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const first = Number(text.trim().split(' ')[0])
  return first > 0 ? first : undefined
}

/** Those that the host's script made: below this process's own in every hierarchy, of either version. */
async function controlGroups(number: number): Promise<string[]> {
  const top = '/sys/fs/cgroup'
  return (await readFile('/proc/self/cgroup', 'utf8'))
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', ...path] = line.split(':')
      const hierarchies = controllers === '' ? ['', 'unified'] : [controllers.replace('name=', '')]
      return hierarchies.map((hierarchy) => join(top, hierarchy, path.join(':'), `lab-${number}`))
    })
}

/** What goes on without its container: one whose own process was killed while it booted, say. */
async function killGroup(number: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const groups = await Promise.all((await controlGroups(number)).map(processesIn))
    const pids = new Set(groups.flat())
    if (pids.size === 0) return
    for (const pid of pids) signal(pid, 'SIGKILL')
    await sleep(50)
  }
}

async function processesIn(group: string): Promise<number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')
  const entries = await readdir(group, { withFileTypes: true }).catch(() => [])
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => processesIn(join(group, name)))
  // 0 is a process that can't be seen from here.
  const own = text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)
  return [...own, ...(await Promise.all(below)).flat()]
}

async function removeControlGroups(number: number): Promise<void> {
  for (const group of await controlGroups(number)) await removeTree(group)
}

/** Control groups are removed leaf by leaf; their files are not. One stays busy until its last process is quite gone. */
async function removeTree(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(group, entry.name))
  for (let tries = 0; entries.length > 0 && tries < 40; tries++) {
    const removed = await rmdir(group).then(
      () => true,
      () => false,
    )
    if (removed) return
    await sleep(50)
  }
}

async function numberIn(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text === '' ? undefined : Number(text)
}

function isAlive(pid: number): boolean {
  return signal(pid, 0)
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
