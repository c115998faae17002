import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import { openSession } from '../../runner/session/open.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { certificateAuthority } from '../helpers/certificate-authority.ts'
import { eventually } from '../helpers/processes.ts'
import { sshAgent } from '../helpers/ssh-agent.ts'
import { sshdRig } from '../helpers/sshd.ts'
import { assert, skip, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'
import { first } from './certified.ts'

const run = promisify(execFile)

/** Processes of this machine whose arguments hold a text. */
async function processes(text: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (args[0] === 'ssh' && args.join(' ').includes(text)) found.push(args.join(' '))
  }
  return found
}

suite(
  "OpenSSH's own client as the way to a host",
  (test) => {
    test('sessions, sudo and uploads share one connection, and commands start no process here', async () => {
      await using rig = await sshdRig()
      const host = first(rig)
      await dialed({ ...host.target, transport: 'openssh' }, async (connection) => {
        const session = await openSession(connection)
        const root = await openSession(connection, { become: 'root' })
        // Of this rig's user alone: other tests have connections too.
        const before = (await processes(rig.user)).length
        assert.ok(before > 0)
        for (let i = 0; i < 20; i++) {
          assert.is(String((await session.run({ script: `echo ${i}; id -u` })).stdout), `${i}\n${session.uid}\n`)
        }
        assert.is(String((await root.run({ script: 'id -u' })).stdout), '0\n')
        assert.is((await processes(rig.user)).length, before)
        const content = Buffer.alloc(300_000, 'x')
        const path = await root.upload('/root/tsplay-openssh', content)
        const { stdout } = await root.run({ script: `wc -c <${path}; stat -c %u:%a ${path}; rm ${path}` })
        assert.is(String(stdout), '300000\n0:600\n')
        await session.close()
        await root.close()
      })
      assert.is(host.accepted, 1)
      assert.ok(await eventually(async () => (await processes(rig.user)).length === 0, 3000))
    })

    test('a command is killed, and what runs dies with a lost link', async () => {
      await using rig = await sshdRig({ user: 'root', link: true })
      const dialer = createDialer()
      const connection = await dialer.dial({ ...first(rig).target, transport: 'openssh' })
      const session = await openSession(connection)
      const stopped = await session.run({ script: 'sleep 30', timeoutMs: 100 })
      assert.equal([stopped.timedOut, stopped.code], [true, 143])
      const running = session.run({ script: 'sleep 30' }).then(() => 'it ended', String)
      first(rig).cut()
      assert.match(await running, 'the connection was lost while a command ran')
      assert.match((await connection.closed)?.message ?? '', 'lost')
      await dialer.close()
    })

    test('an algorithm that ssh2 lacks is no obstacle: the program is tried once', async () => {
      await using rig = await sshdRig({ user: 'root', config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] })
      const host = first(rig)
      const { stdout } = await dialed(host.target, (it) => output(it, 'echo quantum'))
      assert.is(stdout, 'quantum\n')
      assert.is(host.accepted, 2)
      const forced = await refusedBy({ ...host.target, transport: 'ssh2' })
      assert.match(forced.message, /no matching|in common/)
    })

    test("a live connection of the user's own is used, and left as it was", async () => {
      await using rig = await sshdRig({ user: 'root' })
      const host = first(rig)
      const socket = `${rig.folder}/own`
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, `UserKnownHostsFile ${rig.knownHosts}\nControlPath ${socket}\n`)
      const own = spawn('ssh', [
        '-F',
        config,
        '-M',
        '-N',
        '-i',
        rig.keyFile,
        '-o',
        'BatchMode=yes',
        '-p',
        String(host.port),
        '-l',
        'root',
        host.address,
      ])
      const ended = once(own, 'exit')
      try {
        const isThere = () =>
          stat(socket).then(
            () => true,
            () => false,
          )
        assert.ok(await eventually(isThere, 10_000))
        // No key is needed: the user has logged in already.
        const target = { ...host.target, identityFiles: [], sshConfig: config }
        assert.is(
          (await dialed(target, (it) => output(it, 'echo shared'), { home: '/nonexistent' })).stdout,
          'shared\n',
        )
        assert.is(host.accepted, 1)
        assert.is(own.exitCode, null)
      } finally {
        own.kill()
        await ended
      }
    })

    test('hosts behind a bastion share one connection to it, certificates and all', async () => {
      await using rig = await sshdRig({ hosts: 4, user: 'root' })
      const [bastion, ...rest] = rig.hosts
      assert.ok(bastion)
      const knownHosts = rig.targets.flatMap((target) => target.knownHosts ?? [])
      const home = rig.clientHome
      const dialer = createDialer({ home })
      const proxyJump = `root@${bastion.address}:${bastion.port}`
      const connections = await Promise.all(
        rest.map(({ target }) => dialer.dial({ ...target, knownHosts, proxyJump, transport: 'openssh' })),
      )
      for (const connection of connections) assert.is((await output(connection, 'echo deep')).stdout, 'deep\n')
      assert.is(bastion.accepted, 1)
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
    })

    test('a bastion that only OpenSSH can log in to carries hosts that ssh2 logs in to', async () => {
      await using rig = await sshdRig({ hosts: 3, user: 'root' })
      const [bastion, ...rest] = rig.hosts
      assert.ok(bastion)
      const authority = await certificateAuthority(rig.folder)
      await copyFile(`${rig.keyFile}.pub`, `${rig.folder}/key.pub`)
      const certificate = await authority.sign(`${rig.folder}/key`, 'user', ['root'])
      const config = `${rig.folder}/ssh_config`
      await writeFile(
        config,
        `UserKnownHostsFile ${rig.knownHosts}\nIdentityFile ${rig.keyFile}\n` +
          `Host ${bastion.address}\n  CertificateFile ${certificate}\n`,
      )
      const proxyJump = `root@${bastion.address}:${bastion.port}`
      const dialer = createDialer()
      for (const { target } of rest) {
        const { knownHosts: _, ...others } = target
        const connection = await dialer.dial({ ...others, sshConfig: config, proxyJump })
        assert.is((await output(connection, 'echo mixed')).stdout, 'mixed\n')
        await connection.close()
      }
      assert.is(bastion.accepted, 1)
      await dialer.close()
    })

    for (const shell of ['/bin/bash', '/usr/bin/zsh', '/usr/bin/fish', '/usr/bin/tcsh', '/bin/mksh']) {
      test(`the login shell ${shell} starts sessions, by either client`, async () => {
        if (!existsSync(shell)) skip(`${shell} is not installed`)
        await using rig = await sshdRig({ shell })
        for (const transport of ['ssh2', 'openssh'] as const) {
          await dialed({ ...first(rig).target, transport }, async (connection) => {
            for (const become of [undefined, 'root']) {
              const session = await openSession(connection, become === undefined ? {} : { become })
              assert.is(String((await session.run({ script: 'printf "%s" "$((6*7))"' })).stdout), '42')
              await session.close()
            }
          })
        }
      })
    }

    test('refused, silent, unknown and changed hosts are told apart by stage', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root' })
      const [one, two] = rig.hosts
      assert.ok(one && two)
      const stage = async (target: object) =>
        (await refusedBy({ ...one.target, transport: 'openssh', ...target })).stage
      assert.is(await stage({ address: 'no-such-host.invalid' }), 'dns')
      assert.is(await stage({ knownHosts: [] }), 'host-key')
      const changed = `[${one.address}]:${one.port} ${two.hostKey}`
      assert.is(await stage({ knownHosts: [changed] }), 'host-key')
      const wrong = `${rig.folder}/wrong`
      await writeFile(wrong, makeKeyPair().private, { mode: 0o600 })
      assert.is(await stage({ identityFiles: [wrong] }), 'auth')
      two.stopListening()
      assert.is(await stage({ port: two.port, address: two.address }), 'tcp')
    })

    test('a tsplay that is killed leaves no ssh process behind', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const target = { ...first(rig).target, transport: 'openssh' }
      const program = `import { createDialer } from ${JSON.stringify(new URL('../../runner/transport/dial.ts', import.meta.url).href)}
const dialer = createDialer()
const connection = await dialer.dial(${JSON.stringify(target)})
const channel = await connection.open('cat')
process.stdout.write('ready')
await channel.closed`
      const file = `${rig.folder}/killed.mts`
      await writeFile(file, program)
      const tmp = `${rig.folder}/tmp`
      await run('mkdir', ['-m', '700', tmp])
      const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: tmp },
      })
      await once(child.stdout, 'data')
      assert.is((await processes(tmp)).length, 2)
      child.kill('SIGKILL')
      assert.ok(await eventually(async () => (await processes(tmp)).length === 0, 10_000))
      // What ended them looks for a while whether more come, and tidies up.
      assert.ok(await eventually(async () => (await readdir(tmp)).every((name) => !name.startsWith('tsplay-')), 25_000))
    })

    test('agent forwarding is by choice, with either client', async () => {
      await using rig = await sshdRig()
      await using agent = await sshAgent(rig.folder)
      await chmod(agent.socket, 0o777)
      await agent.add(await readFile(rig.keyFile, 'utf8'))
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, `IdentityAgent ${agent.socket}\n`)
      await copyFile(rig.keyFile, `${rig.folder}/copy`)
      for (const transport of ['ssh2', 'openssh'] as const) {
        for (const forwardAgent of [false, true]) {
          const target = { ...first(rig).target, sshConfig: config, transport, forwardAgent }
          const { stdout } = await dialed(target, (it) => output(it, 'ssh-add -l 2>&1; true'))
          assert.is(stdout.includes('SHA256:'), forwardAgent, `${transport} ${forwardAgent}: ${stdout}`)
        }
      }
    })
  },
  40_000,
)
