import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import type { Target } from '../../runner/transport/target.ts'
import { eventually } from './processes.ts'
import { skip } from './suite.ts'

const run = promisify(execFile)

/** A real server of OpenSSH 9.8 or later that listens by itself, with the penalties that are its default. */
export interface NewerSshd extends AsyncDisposable {
  readonly version: string
  /** root, by a key. Its password is `right`. */
  readonly target: Target
  /** What it logged, with LogLevel VERBOSE. */
  log(): string
}

const script = fileURLToPath(new URL('newer-sshd.sh', import.meta.url))

/** The folder is kept between runs: it is made in about 20 s, of 9 MB of packages. */
async function unpacked(): Promise<string> {
  if (process.getuid?.() !== 0) skip('it starts SSH servers, and needs root for it')
  const cache =
    process.env['TSPLAY_LAB'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsplay-lab')
  const root = join(cache, 'newer-sshd')
  await mkdir(cache, { recursive: true })
  try {
    for (const file of ['/usr/bin/apt-get', '/bin/busybox']) await access(file)
    await run('flock', [`${root}.lock`, 'sh', script, root])
  } catch (error) {
    skip(`Debian 13's SSH server can not be unpacked: ${String(error).trim().split('\n').at(-1)}`)
  }
  return root
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function newerSshd(): Promise<NewerSshd> {
  const root = await unpacked()
  const folder = await mkdtemp(join(root, 'srv/'))
  const inside = `/srv/${basename(folder)}`
  const address = `127.${1 + (process.pid % 250)}.251.1`
  const port = await freePort(address)
  const [hostKey, key] = [makeKeyPair(), makeKeyPair()]
  await writeFile(join(folder, 'host_key'), hostKey.private, { mode: 0o600 })
  await writeFile(join(folder, 'key'), key.private, { mode: 0o600 })
  await writeFile(join(folder, 'authorized_keys'), `${key.public}\n`)
  await writeFile(
    join(folder, 'sshd_config'),
    `ListenAddress ${address}:${port}
HostKey ${inside}/host_key
PidFile none
AuthorizedKeysFile ${inside}/authorized_keys
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
LogLevel VERBOSE
`,
  )
  const server = spawn('chroot', [root, '/usr/sbin/sshd', '-D', '-e', '-f', `${inside}/sshd_config`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(server, 'exit')
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
  const listens = () => log.includes('Server listening') || server.exitCode !== null
  if (!(await eventually(listens, 20_000)) || server.exitCode !== null) skip(`the server does not start: ${log}`)
  const { stderr } = await run('chroot', [root, '/usr/sbin/sshd', '-V'])
  return {
    version: stderr.trim(),
    log: () => log,
    target: {
      name: 'newer',
      address,
      port,
      user: 'root',
      identityFiles: [join(folder, 'key')],
      knownHosts: [`[${address}]:${port} ${hostKey.public}`],
      sshConfig: 'none',
      lock: false,
    },
    async [Symbol.asyncDispose]() {
      server.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
