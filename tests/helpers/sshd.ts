import { accessSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import type { Target } from '../../runner/transport/target.ts'
import { CleanUp } from './clean-up.ts'
import { skip } from './suite.ts'
import { createAccount, type AccountOptions } from './sshd/account.ts'
import { startHost, type RigHost } from './sshd/host.ts'

export interface SshdRigOptions extends AccountOptions {
  /** How many hosts, named `h1` … @default 1 */
  readonly hosts?: number
  /** Who logs in: a new unprivileged user (see AccountOptions for its shell, password and sudo), or root. @default 'new' */
  readonly user?: 'new' | 'root'
  /** Further lines for sshd_config, placed first, so that they win. */
  readonly config?: readonly string[] | ((index: number) => readonly string[])
  /** Lets hosts be cut, frozen and so on; bytes then pass through this process. @default false */
  readonly link?: boolean
  /** Has PAM judge who logs in, by the service of this name: sshd goes by the name of its own program. @default no PAM */
  readonly pamService?: string
  /** Types of the host keys. @default ['ed25519'] */
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
}

/** Real SSH servers on loopback addresses of this machine. */
export interface SshdRig extends AsyncDisposable {
  readonly hosts: readonly RigHost[]
  /** One for each host: user, key file and known host keys filled in. */
  readonly targets: readonly Target[]
  /** A folder that is removed at the end; everyone may enter it. */
  readonly folder: string
  /** The user that logs in, and its home. */
  readonly user: string
  readonly home: string
  /** The private key file that the hosts accept. */
  readonly keyFile: string
  /** A known_hosts file with all hosts' keys. It is also `clientHome/.ssh/known_hosts`. */
  readonly knownHosts: string
  /** A home folder for the side that connects: set HOME to it for processes that are to find the keys by themselves. */
  readonly clientHome: string
  /** The hosts in Ansible's YAML shape, in groups `all` and `rig`. */
  inventoryYaml(): string
  /** What the user asked sudo, one line a call. */
  sudoCalls(): Promise<string[]>
}

let rigs = 0

const sshd = '/usr/sbin/sshd'

/** `await using rig = await sshdRig({ hosts: 5 })`. Needs root and OpenSSH's server; leaves no process, file or user. */
export async function sshdRig(options: SshdRigOptions = {}): Promise<SshdRig> {
  demand()
  const count = options.hosts ?? 1
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  await using stack = new CleanUp()
  const folder = await mkdtemp(join(tmpdir(), 'tsplay-sshd-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)

  const account = options.user === 'root' ? undefined : stack.use(await createAccount(folder, options))
  const user = account?.name ?? 'root'
  // What a shell reads at its start in root's own home may take a second on the machine that these tests run on.
  const home = account?.home ?? join(folder, 'home')
  await mkdir(home, { recursive: true })
  const clientHome = join(folder, 'client')
  await mkdir(join(clientHome, '.ssh'), { recursive: true, mode: 0o700 })
  const clientKey = makeKeyPair()
  const keyFile = join(clientHome, '.ssh', 'id_ed25519')
  await writeFile(keyFile, clientKey.private, { mode: 0o600 })
  await writeFile(`${keyFile}.pub`, `${clientKey.public}\n`)
  await writeFile(join(folder, 'authorized_keys'), `${clientKey.public}\n`)

  const program = options.pamService === undefined ? sshd : join(folder, options.pamService)
  if (program !== sshd) await symlink(sshd, program)

  const net = `127.${1 + (process.pid % 250)}.${rigs++ % 250}`
  const hosts = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `h${index + 1}`
      const own = join(folder, name)
      await mkdir(own)
      const hostKeys = await writeHostKeys(own, options.hostKeys ?? ['ed25519'])
      const extra = typeof options.config === 'function' ? options.config(index) : (options.config ?? [])
      await writeFile(
        join(own, 'sshd_config'),
        serverConfig({
          folder,
          own,
          home,
          keys: hostKeys,
          extra,
          password: options.password !== undefined,
          pam: program !== sshd,
        }),
      )
      const host = await startHost({
        name,
        program,
        address: `${net}.${1 + (index % 250)}`,
        hostKey: hostKeys[0]?.publicKey ?? '',
        configFile: join(own, 'sshd_config'),
        logFile: join(own, 'sshd.log'),
        link: options.link ?? false,
        target: (port) => ({
          name,
          address: `${net}.${1 + (index % 250)}`,
          port,
          user,
          identityFiles: [keyFile],
          knownHosts: hostKeys.map((key) => `[${net}.${1 + (index % 250)}]:${port} ${key.publicKey}`),
          sshConfig: 'none',
          // Hundreds of key exchanges at once are all this machine's to make.
          ...(count > 20 && { connectTimeoutMs: 120_000 }),
          // All hosts of all rigs are this machine.
          lock: own,
        }),
      })
      stack.defer(() => host.close())
      return host
    }),
  )
  const targets = hosts.map((host) => host.target)
  const knownHosts = join(clientHome, '.ssh', 'known_hosts')
  await writeFile(knownHosts, targets.flatMap((target) => target.knownHosts ?? []).join('\n') + '\n')

  const cleanUp = stack.move()
  return {
    hosts,
    targets,
    folder,
    user,
    home,
    keyFile,
    knownHosts,
    clientHome,
    inventoryYaml: () => inventoryYaml(hosts, user, keyFile),
    sudoCalls: async () => account?.sudoCalls() ?? [],
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

function demand(): void {
  if (process.getuid?.() !== 0) skip('it starts SSH servers, and needs root for it')
  try {
    accessSync(sshd)
  } catch {
    skip('it needs OpenSSH and sudo: apt-get install -y openssh-server openssh-client sudo')
  }
}

interface HostKey {
  readonly file: string
  readonly publicKey: string
}

function writeHostKeys(folder: string, types: readonly ('ed25519' | 'ecdsa' | 'rsa')[]): Promise<HostKey[]> {
  return Promise.all(
    types.map(async (type) => {
      const pair = generate(type)
      const file = join(folder, `host_${type}_key`)
      await writeFile(file, pair.private, { mode: 0o600 })
      return { file, publicKey: pair.public.trim() }
    }),
  )
}

function generate(type: 'ed25519' | 'ecdsa' | 'rsa') {
  if (type === 'ed25519') return makeKeyPair()
  return type === 'rsa'
    ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
    : ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
}

interface ServerOptions {
  readonly folder: string
  readonly own: string
  readonly home: string
  readonly keys: readonly HostKey[]
  readonly extra: readonly string[]
  readonly password: boolean
  readonly pam: boolean
}

function serverConfig({ folder, own, home, keys, extra, password, pam }: ServerOptions) {
  return [
    ...extra,
    ...keys.map((key) => `HostKey ${key.file}`),
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${own}/pid`,
    `SetEnv HOME=${home}`,
    `PasswordAuthentication ${password ? 'yes' : 'no'}`,
    `KbdInteractiveAuthentication ${pam ? 'yes' : 'no'}`,
    'PermitRootLogin yes',
    'StrictModes no',
    `UsePAM ${pam ? 'yes' : 'no'}`,
    'UseDNS no',
    'PrintMotd no',
    'LogLevel VERBOSE',
    '',
  ].join('\n')
}

function inventoryYaml(hosts: readonly RigHost[], user: string, keyFile: string): string {
  const lines = hosts.map(
    (host) =>
      `        ${host.name}: { ansible_host: ${host.address}, ansible_port: ${host.port}, connection: { lock: ${host.target.lock} } }`,
  )
  return `all:
  children:
    rig:
      hosts:
${lines.join('\n')}
      vars:
        ansible_user: ${user}
        ansible_ssh_private_key_file: ${keyFile}
`
}
