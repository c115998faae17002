import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import { CleanUp } from './clean-up.ts'
import { createAccount } from './sshd/account.ts'
import { skip } from './suite.ts'

const run = promisify(execFile)

export interface Stop {
  readonly name: string
  readonly address: string
  readonly user: string
  readonly keyFile: string
  /** How many logins its sshd has seen. */
  logins(): number
}

/** Hosts in a row, each in a network namespace of its own that only the one before it can reach. */
export interface BastionChain extends AsyncDisposable {
  readonly stops: readonly Stop[]
  /** A home with an ssh configuration that names every hop, with a user and a key for each. */
  readonly home: string
  readonly config: string
}

let chains = 0

/** `outer`, `inner` and `target`. `config`: further lines of sshd_config for the bastions. Needs root. */
export async function bastionChain(config: readonly string[]): Promise<BastionChain> {
  if (process.getuid?.() !== 0) skip('it makes network namespaces, and needs root for it')
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  await using stack = new CleanUp()
  const folder = await mkdtemp('/tmp/tsplay-chain-')
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  const home = join(folder, 'client')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  // RFC 2544: never anybody's own network.
  const net = `198.18.${process.pid % 250}`
  const unique = `tsp${process.pid}x${chains++}`
  // The way there is the first link alone, whatever this machine's routes say.
  await run('ip', ['route', 'add', 'unreachable', `${net}.0/24`])
  stack.defer(() => run('ip', ['route', 'del', 'unreachable', `${net}.0/24`]))

  const stops: Stop[] = []
  let before: string | undefined
  for (const [index, name] of ['outer', 'inner', 'target'].entries()) {
    const namespace = `${unique}${name}`
    await run('ip', ['netns', 'add', namespace])
    stack.defer(() => run('ip', ['netns', 'del', namespace]))
    const [near, far] = [`${net}.${index * 4 + 1}`, `${net}.${index * 4 + 2}`]
    const link = `${unique}${index}`.slice(-13)
    const inside = before === undefined ? [] : ['-n', before]
    await run('ip', [
      ...inside,
      'link',
      'add',
      `${link}a`,
      'type',
      'veth',
      'peer',
      'name',
      `${link}b`,
      'netns',
      namespace,
    ])
    await run('ip', [...inside, 'addr', 'add', `${near}/30`, 'dev', `${link}a`])
    await run('ip', [...inside, 'link', 'set', `${link}a`, 'up'])
    await run('ip', ['-n', namespace, 'addr', 'add', `${far}/30`, 'dev', `${link}b`])
    await run('ip', ['-n', namespace, 'link', 'set', `${link}b`, 'up'])
    const extra = name === 'target' ? [] : config
    stops.push(await startStop({ name, namespace, address: far, folder: join(folder, name), home, extra, stack }))
    before = namespace
  }
  const lines = stops.map(
    ({ name, address, user, keyFile }, index) =>
      `Host ${name}\n  HostName ${address}\n  User ${user}\n  IdentityFile ${keyFile}\n` +
      (index === 0 ? '' : `  ProxyJump ${stops[index - 1]?.name}\n`),
  )
  const file = join(home, '.ssh', 'config')
  await writeFile(
    file,
    `${lines.join('')}Host *\n  IdentitiesOnly yes\n  UserKnownHostsFile ${home}/.ssh/known_hosts\n`,
  )
  const cleanUp = stack.move()
  return { stops, home, config: file, [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose]() }
}

interface StopOptions {
  readonly name: string
  readonly namespace: string
  readonly address: string
  readonly folder: string
  readonly home: string
  readonly extra: readonly string[]
  readonly stack: CleanUp
}

async function startStop({ name, namespace, address, folder, home, extra, stack }: StopOptions): Promise<Stop> {
  await mkdir(folder)
  const { name: user } = stack.use(await createAccount(folder, { sudo: 'none' }))
  const [hostKey, userKey] = [makeKeyPair(), makeKeyPair()]
  const keyFile = join(home, '.ssh', name)
  await writeFile(keyFile, userKey.private, { mode: 0o600 })
  await writeFile(join(home, '.ssh', 'known_hosts'), `${address} ${hostKey.public.trim()}\n`, { flag: 'a' })
  await writeFile(join(folder, 'authorized_keys'), `${userKey.public}\n`)
  await writeFile(join(folder, 'host_key'), hostKey.private, { mode: 0o600 })
  await writeFile(
    join(folder, 'sshd_config'),
    [
      ...extra,
      `ListenAddress ${address}`,
      `HostKey ${folder}/host_key`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      `AllowUsers ${user}`,
      'PidFile none',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  )
  const sshd = spawn(
    'ip',
    ['netns', 'exec', namespace, '/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let log = ''
  const ended = new Promise<void>((done) => sshd.once('close', () => done()))
  stack.defer(async () => {
    sshd.kill('SIGTERM')
    await ended
  })
  await new Promise<void>((done, fail) => {
    sshd.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('Server listening')) done()
    })
    void ended.then(() => fail(new Error(`sshd ended: ${log}`)))
  })
  return { name, address, user, keyFile, logins: () => log.match(/Accepted publickey for /g)?.length ?? 0 }
}
