import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CleanUp } from '../tests/helpers/clean-up.ts'
import { sshdRig } from '../tests/helpers/sshd.ts'
import type { Target } from '../runner/transport/target.ts'
import type { FloorHost } from './floor.ts'
import { startWan } from './wan.ts'

/** One of them; `lock` is what a run locks there, since one machine is all of them. */
type BenchHost = Omit<FloorHost, 'root'> & { readonly lock: Target['lock'] }

/** Hosts, and where a contestant has to run to reach them. */
export interface Place extends AsyncDisposable {
  /** For people. */
  readonly title: string
  readonly hosts: readonly BenchHost[]
  /** What is put before a contestant's command. */
  readonly prefix: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Where contestants write their own files; also their working folder. */
  readonly folder: string
  /** Where on the hosts they work; anew for each contestant. */
  rootOf(contestant: string, host: string): string
  /** Takes away what a contestant has made on the hosts. */
  forget(contestant: string): Promise<void>
  /** Until no host has a connection. */
  quiet(): Promise<void>
}

/** Real SSH servers on this machine: reached over loopback, or, with a delay, over a network of its own. */
export async function openPlace(count: number, roundTripMs: number): Promise<Place> {
  await using stack = new CleanUp()
  const rig = stack.use(await sshdRig({ hosts: count }))
  const wan = roundTripMs > 0 ? stack.use(await startWan(rig, roundTripMs)) : undefined
  const folder = join(rig.clientHome, 'bench')
  await mkdir(folder)
  const base = join(rig.home, 'bench')
  const hosts = rig.hosts.map((host, i) => ({
    name: host.name,
    address: wan?.address ?? host.address,
    port: wan?.ports[i] ?? host.port,
    user: rig.user,
    keyFile: rig.keyFile,
    hostKey: host.hostKey,
    lock: host.target.lock,
  }))
  const known = hosts.map(({ address, port, hostKey }) => `[${address}]:${port} ${hostKey}\n`).join('')
  await writeFile(rig.knownHosts, known)
  const quiet = async () => {
    for (let waited = 0; waited < 200 && rig.hosts.some(({ open }) => open > 0); waited++) {
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  const { SSH_AUTH_SOCK: _, ...inherited } = process.env
  const env = { ...inherited, HOME: rig.clientHome, XDG_CACHE_HOME: join(rig.clientHome, '.cache') }
  const cleanUp = stack.move()
  return {
    title: roundTripMs > 0 ? `${count} hosts at ${roundTripMs} ms` : `${count} ${count === 1 ? 'host' : 'hosts'}`,
    hosts,
    prefix: wan?.prefix ?? [],
    env,
    folder,
    rootOf: (contestant, host) => join(base, contestant, host),
    async forget(contestant) {
      await rm(join(base, contestant), { recursive: true, force: true })
    },
    quiet,
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}
