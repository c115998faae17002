import { openSession } from '../../runner/session/open.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { startSandbox } from '../../runner/transport/sandbox/sandbox.ts'
import { assert, suite } from '../helpers/suite.ts'

suite(
  "tsplay's own session on sandbox hosts",
  (test) => {
    test('reaches the login user and root on each, with host keys checked', async () => {
      await using sandbox = await startSandbox(2, { kernel: 'namespaces' })
      const dialer = createDialer()
      try {
        for (const { name, target } of sandbox.hosts) {
          const connection = await dialer.dial(target)
          const plain = await openSession(connection)
          assert.is((await plain.run({ script: 'id -un; hostname' })).stdout.toString(), `${target.user}\n${name}\n`)
          const root = await openSession(connection, { become: 'root' })
          assert.is(root.uid, 0)
          const made = await root.run({ script: 'cat >/etc/made; cat /etc/made; exit 4', stdin: Buffer.from('sent') })
          assert.is(made.stdout.toString(), 'sent')
          assert.is(made.code, 4)
          assert.is((await plain.run({ script: 'cat /etc/made' })).stdout.toString(), 'sent')
          const slow = await root.run({ script: 'sleep 600', timeoutMs: 200 })
          assert.ok(slow.timedOut)
          await root.close()
          await plain.close()
          await connection.close()
        }
        const [one, two] = sandbox.hosts
        const swapped = { ...one!.target, port: two!.target.port ?? 0 }
        const error = await dialer.dial(swapped).catch((reason: unknown) => reason)
        assert.match(String(error), /host key|known/i)
      } finally {
        await dialer.close()
      }
    })
  },
  60_000,
)
