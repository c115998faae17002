import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { Target } from '../../runner/transport/target.ts'
import { CleanUp } from '../helpers/clean-up.ts'
import { skip } from '../helpers/suite.ts'
import { labFolder, labProblem, run } from './folder.ts'
import { boot, initOf, type Machine, type MachineOptions, shutDown, sweep } from './machine.ts'

export interface LabOptions extends MachineOptions {
  /** Who logs in. `deploy` has sudo without a password, `ops` with the password `ops-secret`. @default 'deploy' */
  readonly user?: 'root' | 'deploy' | 'ops'
}

export interface LabHost extends Machine {
  readonly target: Target
  /** Runs a command there as root, past SSH; gives its output, and throws where it fails. */
  inside(command: string): Promise<string>
  /** How many sessions (channels with a program) sshd has started. */
  sessions(): Promise<number>
  /** What sudo was asked, one line a call. */
  sudoCalls(): Promise<string[]>
}

/** Debian 12 hosts with systemd, of a test's own: each can be broken in any way. */
export interface Lab extends AsyncDisposable {
  readonly hosts: readonly LabHost[]
  readonly targets: readonly Target[]
  readonly user: string
  readonly keyFile: string
  /** A home folder for the side that connects: set HOME to it for processes that are to find the keys by themselves. */
  readonly clientHome: string
  /** The hosts in Ansible's YAML shape, in groups `all` and `lab`. */
  inventoryYaml(): string
}

/** `await using lab = await labHosts(3)`. Hosts are named `lab1` …; the test is skipped where there can be none. */
export async function labHosts(count: number, options: LabOptions = {}): Promise<Lab> {
  const problem = await labProblem()
  if (problem !== undefined) skip(problem)
  await sweep()
  await using stack = new CleanUp()
  const clientHome = await mkdtemp(join(tmpdir(), 'tsplay-lab-'))
  stack.defer(() => rm(clientHome, { recursive: true, force: true }))
  await mkdir(join(clientHome, '.ssh'), { mode: 0o700 })
  const key = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'lab' })
  const keyFile = join(clientHome, '.ssh', 'id_ed25519')
  await writeFile(keyFile, key.private, { mode: 0o600 })

  const user = options.user ?? 'deploy'
  const started = await Promise.allSettled(
    Array.from({ length: count }, async (_, index) => {
      const machine = await boot(`lab${index + 1}`, key.public, process.pid, options)
      stack.defer(() => shutDown(machine.number))
      return labHost(machine, user, keyFile)
    }),
  )
  const hosts = started.map((it) => {
    if (it.status === 'rejected') throw it.reason
    return it.value
  })
  const known = hosts.map(({ address, hostKey }) => `${address} ${hostKey}\n`)
  await writeFile(join(clientHome, '.ssh', 'known_hosts'), known.join(''))
  const cleanUp = stack.move()
  return {
    hosts,
    targets: hosts.map(({ target }) => target),
    user,
    keyFile,
    clientHome,
    inventoryYaml: () => inventoryYaml(hosts, user, keyFile),
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

function labHost(machine: Machine, user: string, keyFile: string): LabHost {
  const { name, address, hostKey, number } = machine
  const inside = async (command: string) => {
    const pid = await readFile(join(labFolder(), 'machines', String(number), 'pid'), 'utf8')
    const init = await initOf(Number(pid))
    if (init === undefined) throw new Error(`${name} is down`)
    const env = ['env', '-i', 'HOME=/root', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
    const into = ['--target', String(init), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd']
    const { stdout } = await run('nsenter', [...into, '--', ...env, '/bin/sh', '-c', command], { maxBuffer: 1 << 26 })
    return stdout
  }
  const lines = async (file: string) => (await inside(`cat ${file} 2>/dev/null || true`)).split('\n')
  return {
    ...machine,
    target: { name, address, user, identityFiles: [keyFile], knownHosts: [`${address} ${hostKey}`], sshConfig: 'none' },
    inside,
    sessions: async () => (await lines('/var/log/sshd.log')).filter((it) => it.includes('Starting session: ')).length,
    sudoCalls: async () => (await lines('/var/log/sudo.log')).filter((it) => it !== '' && !it.startsWith(' ')),
  }
}

function inventoryYaml(hosts: readonly LabHost[], user: string, keyFile: string): string {
  const lines = hosts.map(({ name, address }) => `        ${name}: { ansible_host: ${address} }`)
  return `all:
  children:
    lab:
      hosts:
${lines.join('\n')}
      vars:
        ansible_user: ${user}
        ansible_ssh_private_key_file: ${keyFile}
`
}
