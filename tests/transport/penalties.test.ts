import { Secret } from '../../runner/model/secret.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { newerSshd } from '../helpers/newer-sshd.ts'
import { eventually } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'

const home = '/nonexistent'
const penalties = (log: string) => log.match(/penalty of [^\n]*/g) ?? []

suite(
  'a server with penalties (OpenSSH 9.8 and later)',
  (test) => {
    test('forty hosts behind one address are all reached, none is turned away, and no penalty is provoked', async () => {
      await using server = await newerSshd()
      assert.match(server.version, /OpenSSH_(?:9\.[89]|1\d)/)
      const dialer = createDialer({ home })
      const names = Array.from({ length: 40 }, (_, i) => `host${i + 1}`)
      const connections = await Promise.all(names.map((name) => dialer.dial({ ...server.target, name })))
      for (const connection of connections) assert.is((await output(connection, 'echo in')).stdout, 'in\n')
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
      assert.is(server.log().match(/Accepted publickey/g)?.length, 40)
      assert.equal(penalties(server.log()), [])
      assert.not.match(server.log(), 'drop connection')
    })

    test('a wrong password, and a host whose key is unknown, cost one small penalty each, and the next login is let in', async () => {
      for (const transport of ['ssh2', 'openssh'] as const) {
        await using server = await newerSshd()
        const { identityFiles: _none, ...target } = { ...server.target, transport }
        const wrong = await refusedBy({ ...target, password: new Secret('wrong') }, { home })
        assert.is(wrong.stage, 'auth')
        const strange = await refusedBy({ ...target, knownHosts: [] }, { home })
        assert.is(strange.stage, 'host-key')
        const said = () => penalties(server.log())
        await eventually(() => said().length > 1, 3000)
        assert.ok(said().length <= 2, said().join('\n'))
        assert.equal(said().filter((it) => it.includes('failed authentication')).length, 1, said().join('\n'))
        assert.is(
          (await dialed({ ...server.target, transport }, (it) => output(it, 'echo in'), { home })).stdout,
          'in\n',
        )
      }
    })

    test('an address that has a penalty is told so, and that it ends', async () => {
      await using server = await newerSshd()
      const { identityFiles: _none, ...target } = server.target
      for (let i = 0; i < 4; i++) await refusedBy({ ...target, password: new Secret('wrong') }, { home })
      const error = await refusedBy(server.target, { home })
      assert.match(server.log(), 'drop connection')
      assert.is(error.stage, 'handshake')
      assert.match(error.message, 'turns this machine away for now')
      assert.match(error.hint ?? '', 'a penalty for failed logins')
    })
  },
  // The server's packages are got by the first test that needs them.
  300_000,
)
