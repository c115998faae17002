import { chmod, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDialer } from '../../runner/transport/dial.ts'
import { sshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'

suite(
  'ways to a host',
  (test) => {
    test('hosts behind a chain of bastions share one connection to each', async () => {
      await using rig = await sshdRig({ hosts: 6, user: 'root' })
      const [outer, inner, ...rest] = rig.hosts
      assert.ok(outer && inner)
      const stop = (host: typeof outer) => `root@${host.address}:${host.port}`
      const knownHosts = rig.targets.flatMap((target) => target.knownHosts ?? [])
      const dialer = createDialer({ home: rig.clientHome })
      const proxyJump = `${stop(outer)},${stop(inner)}`
      const connections = await Promise.all(rest.map((host) => dialer.dial({ ...host.target, knownHosts, proxyJump })))
      const said = await Promise.all(connections.map((connection) => output(connection, 'echo "$SSH_CONNECTION"')))
      assert.is(said.length, 4)
      for (const { stdout } of said) assert.match(stdout, /^127\./)
      assert.is(outer.accepted, 1)
      assert.is(inner.accepted, 1)
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
    })

    test('hosts behind a bastion that is lost are lost, and reached again through a new one', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root', link: true })
      const [bastion, host] = rig.hosts
      assert.ok(bastion && host)
      const knownHosts = rig.targets.flatMap((target) => target.knownHosts ?? [])
      const dialer = createDialer({ home: rig.clientHome })
      const target = { ...host.target, knownHosts, proxyJump: `root@${bastion.address}:${bastion.port}` }
      const connection = await dialer.dial(target)
      bastion.cut()
      assert.match((await connection.closed)?.message ?? '', 'lost')
      const again = await dialer.dial(target)
      assert.is((await output(again, 'echo back')).stdout, 'back\n')
      assert.is(bastion.accepted, 2)
      await again.close()
      await dialer.close()
    })

    test('a bastion that refuses is named as the one that does', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root' })
      const [bastion, host] = rig.hosts
      assert.ok(bastion && host)
      const error = await refusedBy(
        { ...host.target, proxyJump: `${bastion.address}:${bastion.port}` },
        { home: '/nonexistent' },
      )
      assert.is(error.stage, 'host-key')
      assert.match(error.message, 'h2: its jump host can not be reached')
    })

    test('a bastion that allows no forwarding, and a host that is down behind one, are told apart', async () => {
      await using rig = await sshdRig({
        hosts: 3,
        user: 'root',
        config: (index) => (index === 0 ? ['AllowTcpForwarding no'] : []),
      })
      const [closed, open, host] = rig.hosts
      assert.ok(closed && open && host)
      host.stopListening()
      const knownHosts = rig.targets.flatMap((target) => target.knownHosts ?? [])
      const through = (bastion: typeof open) =>
        refusedBy(
          { ...host.target, knownHosts, proxyJump: `root@${bastion.address}:${bastion.port}` },
          { home: rig.clientHome },
        )
      assert.match((await through(closed)).hint ?? '', 'AllowTcpForwarding')
      const down = await through(open)
      assert.is(down.stage, 'tcp')
      assert.match(down.message, 'Connection refused')
    })

    test('jump hosts that go round in a circle are an error', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n')
      const error = await refusedBy({ name: 'a', sshConfig: config })
      assert.match(error.message, 'circle')
    })

    test('a ProxyCommand carries the connection, and its failure is told with what it said', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root' })
      const [target, other] = rig.targets
      assert.ok(target && other)
      const relay = `${rig.folder}/relay.mjs`
      await writeFile(
        relay,
        `import { connect } from 'node:net'
const socket = connect(Number(process.argv[3]), process.argv[2])
process.stdin.pipe(socket).pipe(process.stdout)`,
      )
      await chmod(relay, 0o644)
      const config = `${rig.folder}/ssh_config`
      await writeFile(
        config,
        `Host ${target.address}\n  ProxyCommand ${process.execPath} ${relay} %h %p\nHost *\n  ProxyCommand sh -c 'exec <&-; sleep 0.5; echo "no way" >&2; exit 4'\n`,
      )
      assert.is(
        (await dialed({ ...target, sshConfig: config }, (it) => output(it, 'echo through'))).stdout,
        'through\n',
      )
      const error = await refusedBy({ ...other, sshConfig: config })
      assert.is(error.stage, 'tcp')
      assert.match(error.message, 'no way')
    })

    test('the control machine itself runs commands in groups of their own, and leaves none behind', async () => {
      await dialed({ name: 'local', transport: 'local' }, async (it) => {
        assert.equal(await output(it, 'cat; echo err >&2; exit 7', 'in'), {
          code: 7,
          signal: undefined,
          lost: false,
          stdout: 'in',
          stderr: 'err\n',
        })
        const channel = await it.open('sleep 30 & echo $!; wait')
        channel.stderr.resume()
        const pid = await new Promise<number>((done) =>
          channel.stdout.once('data', (chunk: Buffer) => done(Number(chunk))),
        )
        channel.close()
        assert.is((await channel.closed).signal, 'SIGKILL')
        // It may wait as a zombie for whoever is process 1 here.
        const alive = async () => /^\d+ \(.*\) [^ZX]/.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))
        for (let waited = 0; waited < 1000 && (await alive()); waited += 20) await sleep(20)
        assert.not(await alive())
      })
    })
  },
  15_000,
)
