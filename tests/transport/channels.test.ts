import { writeFile } from 'node:fs/promises'
import { createDialer } from '../../runner/transport/dial.ts'
import type { Connection } from '../../runner/transport/connection.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { dialed, output } from './attempt.ts'

/** Connects to the first host, starts a command that waits, and lets `fault` happen to it. */
async function inMidCommand(rig: SshdRig, fault: (it: Connection) => void, config = 'none') {
  const [target] = rig.targets
  assert.ok(target)
  const dialer = createDialer()
  const connection = await dialer.dial({ ...target, sshConfig: config })
  try {
    const channel = await connection.open('echo begun; read -r never')
    channel.stderr.resume()
    await new Promise((done) => channel.stdout.once('data', done))
    fault(connection)
    const [exit, reason] = await Promise.all([channel.closed, connection.closed])
    const after = await connection.open('true').then(
      () => 'opened',
      (error: Error) => error.message,
    )
    return { exit, reason, after }
  } finally {
    await connection.close()
    await dialer.close()
  }
}

suite(
  'channels',
  (test) => {
    test('exit codes, signals and streams come as they are', async () => {
      await using rig = await sshdRig()
      const [target] = rig.targets
      assert.ok(target)
      await dialed(target, async (it) => {
        assert.is(it.user, rig.user)
        assert.equal(await output(it, 'cat; echo err >&2; exit 7', 'in'), {
          code: 7,
          signal: undefined,
          lost: false,
          stdout: 'in',
          stderr: 'err\n',
        })
        assert.equal(await output(it, 'kill -SEGV $$'), {
          code: null,
          signal: 'SIGSEGV',
          lost: false,
          stdout: '',
          stderr: '',
        })
      })
    })

    test('a connection that is reset in mid-command is lost, never a success', async () => {
      await using rig = await sshdRig({ link: true })
      const { exit, reason, after } = await inMidCommand(rig, () => rig.hosts[0]?.cut())
      assert.equal(exit, { code: null, signal: undefined, lost: true })
      assert.match(reason?.message ?? '', /^connection to .*@h1 .* lost: .*ECONNRESET/)
      assert.match(after, 'lost')
    })

    test('a connection that ends in mid-command is lost as well', async () => {
      await using rig = await sshdRig({ link: true })
      const { exit, reason } = await inMidCommand(rig, () => rig.hosts[0]?.end())
      assert.ok(exit.lost)
      assert.match(reason?.message ?? '', 'lost')
    })

    test('a frozen link is noticed by keepalives', async () => {
      await using rig = await sshdRig({ link: true })
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, 'ServerAliveInterval 1\nServerAliveCountMax 1\n')
      const started = Date.now()
      const { exit, reason } = await inMidCommand(rig, () => rig.hosts[0]?.freeze(), config)
      assert.ok(exit.lost)
      assert.match(reason?.message ?? '', 'Keepalive timeout')
      assert.ok(Date.now() - started < 4000)
    })

    test('a connection that was closed here is not lost, and closing a frozen one does not hang', async () => {
      await using rig = await sshdRig({ link: true })
      const [host] = rig.hosts
      assert.ok(host)
      const dialer = createDialer()
      const connection = await dialer.dial(host.target)
      host.freeze()
      const started = Date.now()
      await connection.close()
      assert.ok(Date.now() - started < 2000)
      assert.is(await connection.closed, undefined)
      await dialer.close()
    })

    test('more channels than MaxSessions are waited for', async () => {
      await using rig = await sshdRig({ config: ['MaxSessions 3'] })
      const [target] = rig.targets
      assert.ok(target)
      const outputs = await dialed(target, (it) =>
        Promise.all(Array.from({ length: 10 }, (_, i) => output(it, `sleep 0.2; echo ${i}`))),
      )
      assert.equal(
        outputs.map((it) => it.stdout),
        Array.from({ length: 10 }, (_, i) => `${i}\n`),
      )
    })

    test('a server that gives no session says so', async () => {
      await using rig = await sshdRig({ config: ['MaxSessions 0'] })
      const [target] = rig.targets
      assert.ok(target)
      await dialed(target, async (it) => {
        const error = await it.open('true').then(
          () => undefined,
          (failure: Error) => failure,
        )
        assert.match(error?.message ?? '', 'the server refuses another session')
      })
    })
  },
  15_000,
)
