import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Event } from '../../runner/engine/events.ts'
import { CleanUp } from '../helpers/clean-up.ts'
import { type Lab, type LabHost, labHosts } from '../lab/lab.ts'
import { type KubernetesServers, kubernetesServers } from '../lab/kubernetes/servers.ts'

const root = resolve(import.meta.dirname, '../..')

export interface Finished {
  readonly code: number | null
  /** Both streams. */
  readonly output: string
  readonly events: readonly Event[]
  readonly durationMs: number
}

export interface Running {
  readonly child: ChildProcess
  /** Settles once the output so far matches; rejects when the process ends before. */
  said(pattern: RegExp): Promise<void>
  readonly finished: Promise<Finished>
}

export interface Inventory {
  readonly controlPlane: LabHost
  readonly workers: readonly LabHost[]
  readonly vars?: Readonly<Record<string, unknown>>
}

/** Lab hosts with a Kubernetes to install, and the public command line to do it. */
export class ClusterRig implements AsyncDisposable {
  readonly lab: Lab
  readonly servers: KubernetesServers
  readonly folder: string
  readonly #cleanUp: CleanUp
  #inventories = 0

  private constructor(lab: Lab, servers: KubernetesServers, folder: string, cleanUp: CleanUp) {
    this.lab = lab
    this.servers = servers
    this.folder = folder
    this.#cleanUp = cleanUp
  }

  static async make(hosts: number): Promise<ClusterRig> {
    await using stack = new CleanUp()
    const folder = await mkdtemp(join(tmpdir(), 'tsplay-cluster-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const lab = await labHosts(hosts, { kubernetes: true })
    stack.defer(async () => lab[Symbol.asyncDispose]())
    const servers = await kubernetesServers()
    stack.defer(async () => servers[Symbol.asyncDispose]())
    return new ClusterRig(lab, servers, folder, stack.move())
  }

  host(index: number): LabHost {
    const host = this.lab.hosts[index]
    if (host === undefined) throw new Error(`the rig has no host ${index}`)
    return host
  }

  /** Where `site.ts` puts the administrator's access. */
  get kubeconfig(): string {
    return join(this.folder, 'admin.conf')
  }

  async inventory({ controlPlane, workers, vars = {} }: Inventory): Promise<string> {
    const place = ({ name, address }: LabHost) => [name, { ansible_host: address }] as const
    const all = {
      all: {
        vars: {
          ansible_user: this.lab.user,
          ansible_ssh_private_key_file: this.lab.keyFile,
          kubernetesVersion: '1.20.2',
          podSubnet: '10.244.0.0/16',
          podNetwork: join(root, 'tests/lab/kubernetes/pod-network.yaml'),
          kubernetesRepository: {
            url: this.servers.repository,
            key: { url: `${this.servers.repository}Release.key` },
          },
          sandboxImage: 'k8s.gcr.io/pause:3.2',
          cgroupDriver: 'cgroupfs',
          registryMirrors: { 'k8s.gcr.io': [this.servers.registry] },
          kubeProxy: { conntrack: { maxPerCore: 0, min: 0 } },
          kubeconfig: this.kubeconfig,
          ...vars,
        },
        children: {
          control_plane: { hosts: Object.fromEntries([place(controlPlane)]) },
          // A node's address is said here, and left to the default route on the control plane.
          workers: {
            hosts: Object.fromEntries(
              workers.map((host) => [host.name, { ansible_host: host.address, nodeAddress: host.address }]),
            ),
          },
        },
      },
    }
    const path = join(this.folder, `hosts-${++this.#inventories}.yaml`)
    // JSON is YAML.
    await writeFile(path, JSON.stringify(all, null, 2))
    return path
  }

  /** Starts `tsplay` as a user would. */
  start(...words: readonly string[]): Running {
    const started = Date.now()
    const child = spawn(process.execPath, [join(root, 'dist/runner/cli/main.js'), ...words], {
      cwd: this.folder,
      env: { ...process.env, HOME: this.lab.clientHome, NO_COLOR: '1', CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const waiting = new Set<() => void>()
    const take = (chunk: Buffer) => {
      output += chunk.toString()
      for (const look of waiting) look()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const before = this.#journals()
    const finished = (async (): Promise<Finished> => {
      const known = await before
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, output, events: await this.#newEvents(known), durationMs: Date.now() - started }
    })()
    const said = (pattern: RegExp) =>
      new Promise<void>((resolveSaid, reject) => {
        const look = () => {
          if (!pattern.test(output)) return
          waiting.delete(look)
          resolveSaid()
        }
        waiting.add(look)
        child.once('close', () =>
          reject(new Error(`it ended before it said ${pattern.source}:\n${output.slice(-3000)}`)),
        )
        look()
      })
    return { child, said, finished }
  }

  run(...words: readonly string[]): Promise<Finished> {
    return this.start(...words).finished
  }

  async #journals(): Promise<ReadonlySet<string>> {
    return new Set(await readdir(join(this.folder, '.tsplay/runs')).catch(() => []))
  }

  async #newEvents(known: ReadonlySet<string>): Promise<readonly Event[]> {
    const [added] = [...(await this.#journals())].filter((name) => !known.has(name))
    if (added === undefined) return []
    const text = await readFile(join(this.folder, '.tsplay/runs', added, 'events.ndjson'), 'utf8')
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanUp[Symbol.asyncDispose]()
  }
}

export const site = join(root, 'playbooks/site.ts')
export const reset = join(root, 'playbooks/reset.ts')
