import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { TsplayError } from '../../model/errors.ts'
import type { Target } from '../target.ts'
import { HostNamespace, type HostPlan } from './host-namespace.ts'
import { makeKeyPair } from './key-pair.ts'
import { findPrograms, idRange, isRoot, workFolder } from './machine.ts'
import type { Isolation } from './isolation.ts'
import { PlainFolder, plainNotice } from './plain-folder.ts'
import { SshHost } from './ssh-host.ts'
import { lockFolder, makeHostState, removeState } from './state-folder.ts'
import { writeTemplate } from './template.ts'

/** How a sandbox is made. */
export interface SandboxOptions {
  /** Keeps the hosts' files here, for a later sandbox to go on with. @default a new temporary folder, removed on close */
  readonly folder?: string
  /** `auto`: namespaces where the kernel allows them, else plain folders. @default 'auto' */
  readonly kernel?: 'auto' | 'namespaces' | 'plain'
}

export interface SandboxHost {
  /** `sandbox1`, `sandbox2` … */
  readonly name: string
  readonly target: Target
}

/** SSH hosts inside this process, for a first look at tsplay and for tests of playbooks. */
export interface Sandbox extends AsyncDisposable {
  readonly hosts: readonly SandboxHost[]
  readonly isolation: 'namespaces' | 'plain'
  /** What the user has to know of this machine's sandbox; absent where everything works. */
  readonly notice?: string
  /** Ends every connection and everything that runs on the hosts. */
  close(): Promise<void>
}

/**
 * Starts SSH hosts on free ports of 127.0.0.1, with keys of their own; nothing in `~/.ssh` is read or written.
 * Throws TsplayError CONNECT where they can't be made, USAGE when another process uses the folder.
 */
export async function startSandbox(count: number, options: SandboxOptions = {}): Promise<Sandbox> {
  if (!Number.isInteger(count) || count < 1 || count > 250) {
    throw new TsplayError('USAGE', `a sandbox has 1 to 250 hosts, not ${count}`)
  }
  const own = await realpath(await mkdtemp(join(tmpdir(), 'tsplay-sandbox-')))
  const wanted = options.folder ?? join(own, 'hosts')
  await mkdir(wanted, { recursive: true, mode: 0o700 })
  const folder = await realpath(wanted)
  const undo: (() => Promise<void>)[] = [() => rm(own, { recursive: true, force: true })]
  const close = async () => {
    const failed: unknown[] = []
    for (const step of undo.splice(0).toReversed()) await step().catch((error: unknown) => failed.push(error))
    if (failed.length > 0) throw failed[0]
  }
  try {
    undo.push(await lockFolder(folder))
    const started = await startHosts(count, folder, own, options, undo)
    return { ...started, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startHosts(
  count: number,
  folder: string,
  own: string,
  options: SandboxOptions,
  undo: (() => Promise<void>)[],
): Promise<Pick<Sandbox, 'hosts' | 'isolation' | 'notice'>> {
  const names = Array.from({ length: count }, (_, i) => `sandbox${i + 1}`)
  const isolations = await isolate(names, folder, own, options.kernel ?? 'auto', undo)
  const client = makeKeyPair()
  const identity = join(own, 'id_ed25519')
  await writeFile(identity, client.private, { mode: 0o600 })
  const servers: SshHost[] = []
  undo.push(async () => void (await Promise.all(servers.map((server) => server.close()))))
  const hosts = names.map(async (name, i) => {
    const isolation = isolations.each[i] as Isolation
    const key = makeKeyPair()
    const server = new SshHost(isolation, key.private, client.public)
    servers.push(server)
    const reached = target(name, await server.listen(), isolation.user, identity, key.public)
    // Plain folders share this machine, and are hosts of their own all the same.
    const isPlain = isolations.how.isolation === 'plain'
    return { name, target: isPlain ? { ...reached, lock: join(folder, name) } : reached }
  })
  return { hosts: await Promise.all(hosts), ...isolations.how }
}

interface Isolations {
  readonly each: readonly Isolation[]
  readonly how: Pick<Sandbox, 'isolation' | 'notice'>
}

/** Boots the hosts; where the first can't be, and that is allowed, all are plain folders. */
async function isolate(
  names: readonly string[],
  folder: string,
  own: string,
  kernel: 'auto' | 'namespaces' | 'plain',
  undo: (() => Promise<void>)[],
): Promise<Isolations> {
  try {
    if (kernel !== 'plain') return await namespaces(names, folder, own, undo)
  } catch (error) {
    if (kernel !== 'auto' || isRoot()) throw error
  }
  undo.push(() => removeUnlessKept(folder, own, 1))
  const each = await Promise.all(names.map((name) => PlainFolder.make(join(folder, name))))
  return { each, how: { isolation: 'plain', notice: plainNotice } }
}

async function namespaces(
  names: readonly string[],
  folder: string,
  own: string,
  undo: (() => Promise<void>)[],
): Promise<Isolations> {
  const [programs, ids] = await Promise.all([findPrograms(), idRange()])
  const template = join(own, 'template')
  await writeTemplate(template, programs.setpriv)
  const plan: HostPlan = { programs, ids, template, work: workFolder([folder, own]) }
  undo.push(() => removeUnlessKept(folder, own, ids.count))
  const made: HostNamespace[] = []
  undo.push(async () => void (await Promise.all(made.map((host) => host.close()))))
  const boot = async (name: string) => {
    const host = new HostNamespace(name, await makeHostState(folder, name, ids.first), plan)
    made.push(host)
    await host.boot()
    return host
  }
  const [first = '', ...others] = names
  const gate = pLimit(4)
  const each = [await boot(first), ...(await Promise.all(others.map((name) => gate(() => boot(name)))))]
  const notice = ids.count > 1 ? {} : { notice: singleNotice }
  return { each, how: { isolation: 'namespaces', ...notice } }
}

/** A folder that the caller named is kept; one of ours may hold files that only a user namespace can remove. */
const removeUnlessKept = async (folder: string, own: string, count: number) => {
  if (folder.startsWith(own)) await removeState(folder, count)
}

const singleNotice =
  'sandbox hosts have one user id here, root: files can not be given to other users (the package uidmap changes that)'

const target = (name: string, port: number, user: string, identity: string, key: string): Target => ({
  name,
  address: '127.0.0.1',
  port,
  user,
  identityFiles: [identity],
  knownHosts: [`[127.0.0.1]:${port} ${key}`],
  hostKeys: 'refuse',
  sshConfig: 'none',
})
