import { openSession } from '../../runner/session/open.ts'
import type { Session } from '../../runner/session/session.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import type { Connection } from '../../runner/transport/connection.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'

/** A session on the rig's first host, for as long as `use` takes. */
async function inSession(
  rig: SshdRig,
  use: (session: Session, connection: Connection) => Promise<void>,
): Promise<void> {
  const [target] = rig.targets
  assert.ok(target)
  const dialer = createDialer()
  try {
    const connection = await dialer.dial(target)
    await use(await openSession(connection), connection)
    await connection.close()
  } finally {
    await dialer.close()
  }
}

const reason = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('it worked'),
    (error: Error) => error,
  )

suite(
  'what happens to a command',
  (test) => {
    test('one that leaves a daemon with its output behind is over when it itself ends', async () => {
      await using rig = await sshdRig()
      await inSession(rig, async (session) => {
        // The daemon says when it ends: the command's own end must not wait for that.
        const { stdout, code } = await session.run({ script: 'rm -f ~/over; (sleep 4; : >~/over) & echo started' })
        assert.equal([String(stdout), code], ['started\n', 0])
        assert.is(String((await session.run({ script: '[ -e ~/over ] || echo "runs on"' })).stdout), 'runs on\n')
        await session.close()
      })
    })

    test('one that writes 5 MB of errors that nobody keeps ends, and the next one runs', async () => {
      await using rig = await sshdRig()
      await inSession(rig, async (session) => {
        const loud = await session.run({ script: 'head -c 5000000 /dev/zero >&2; exit 3', maxOutputBytes: 1000 })
        assert.equal([loud.code, loud.stderr.length, loud.truncated], [3, 1000, true])
        assert.is(String((await session.run({ script: 'echo next' })).stdout), 'next\n')
        await session.close()
      })
    })

    test('an upload whose receiver ends early is an error with its reason, and does not wait for the rest', async () => {
      await using rig = await sshdRig()
      await inSession(rig, async (session) => {
        const failed = await reason(session.upload('/nowhere/at/all', Buffer.alloc(10_000_000)))
        assert.match(failed.message, '/nowhere/at')
        assert.is(String((await session.run({ script: 'echo next' })).stdout), 'next\n')
        await session.close()
      })
    })

    test('what is written to a program that has ended harms nobody', async () => {
      await using rig = await sshdRig()
      await inSession(rig, async (session, connection) => {
        const channel = await connection.open('exit 4')
        channel.stdout.resume()
        channel.stderr.resume()
        assert.is((await channel.closed).code, 4)
        channel.stdin.write('too late')
        assert.is(String((await session.run({ script: 'echo next' })).stdout), 'next\n')
        await session.close()
      })
    })

    test('a session and a command on a connection that is gone are refused as lost, with the host', async () => {
      await using rig = await sshdRig({ link: true })
      await inSession(rig, async (session, connection) => {
        rig.hosts[0]?.cut()
        await connection.closed
        assert.match((await reason(session.run({ script: 'true' }))).message, /h1.*lost/)
        assert.match((await reason(connection.open('true'))).message, /connection to .*h1.* lost/)
      })
    })
  },
  60_000,
)
