import { writeFile } from 'node:fs/promises'
import { createDialer } from '../../runner/transport/dial.ts'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import { bastionChain } from '../helpers/bastion-chain.ts'
import { assert, suite } from '../helpers/suite.ts'
import { output, refusedBy } from './attempt.ts'

suite(
  'two bastions in networks of their own',
  (test) => {
    for (const transport of ['ssh2', 'openssh'] as const) {
      test(`with a user and a key for each hop, six connections need one to each bastion (${transport})`, async () => {
        // A second connection, or a session on a bastion, would be refused.
        await using chain = await bastionChain(['MaxStartups 1:100:1', 'MaxSessions 1'])
        const target = chain.stops[2]
        assert.ok(target)
        const direct = await refusedBy({
          name: 'direct',
          address: target.address,
          user: target.user,
          sshConfig: 'none',
        })
        assert.is(direct.stage, 'tcp', direct.message)
        const dialer = createDialer({ home: chain.home })
        try {
          const connections = await Promise.all(
            Array.from({ length: 6 }, (_, i) =>
              dialer.dial({
                name: `t${i}`,
                address: 'target',
                sshConfig: chain.config,
                transport,
                connectTimeoutMs: 60_000,
              }),
            ),
          )
          const said = await Promise.all(
            connections.map((connection) => output(connection, 'echo "$(id -un) $SSH_CONNECTION"')),
          )
          // Who asks is the inner bastion, by its address on the last link.
          for (const { stdout } of said)
            assert.match(stdout, new RegExp(`^${target.user} 198\\.18\\.\\d+\\.9 \\d+ ${target.address} 22\n`))
          assert.equal(
            chain.stops.map((stop) => stop.logins()),
            [1, 1, 6],
          )
          await Promise.all(connections.map((connection) => connection.close()))
        } finally {
          await dialer.close()
        }
      })
    }

    test('the wrong key on the second hop is an error that names that hop, with one login refused', async () => {
      await using chain = await bastionChain([])
      await writeFile(chain.stops[1]?.keyFile ?? '', makeKeyPair().private)
      const error = await refusedBy({ name: 't', address: 'target', sshConfig: chain.config }, { home: chain.home })
      assert.is(error.stage, 'auth')
      assert.match(error.message, 't: its jump host can not be reached')
      assert.match(error.message, chain.stops[1]?.user ?? '')
      assert.equal(
        chain.stops.map((stop) => stop.logins()),
        [1, 0, 0],
      )
    })
  },
  120_000,
)
