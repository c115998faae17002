import { createDialer } from '../../runner/transport/dial.ts'
import { sshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { output } from './attempt.ts'

/** What keeps this process alive, beside timers. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== 'Timeout' && kind !== 'Immediate')
    .toSorted()
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

suite(
  'many hosts',
  (test) => {
    test('200 connections to 200 addresses at once leave no socket, timer, listener or process', async () => {
      const before = { resources: resources(), timers: timers(), listeners: process.eventNames().length }
      {
        await using rig = await sshdRig({ hosts: 200 })
        const dialer = createDialer({ home: '/nonexistent' })
        const connections = await Promise.all(
          rig.targets.map(async (target) => {
            const connection = await dialer.dial(target)
            assert.is((await output(connection, 'echo $((6*7))')).stdout, '42\n')
            return connection
          }),
        )
        assert.is(
          rig.hosts.reduce((sum, host) => sum + host.accepted, 0),
          200,
        )
        await Promise.all(connections.map((connection) => connection.close()))
        await dialer.close()
        for (let waited = 0; waited < 100 && rig.hosts.some((host) => host.open > 0); waited++) {
          await new Promise((done) => setTimeout(done, 20))
        }
        assert.is(rig.hosts.filter((host) => host.open > 0).length, 0)
      }
      await new Promise((done) => setTimeout(done, 50))
      assert.equal(resources(), before.resources)
      assert.is(process.eventNames().length, before.listeners)
      // The runner's own may have ended meanwhile.
      assert.ok(timers() <= before.timers, `${timers()} timers, ${before.timers} before`)
    })

    test('200 hosts are reached through one connection to their bastion', async () => {
      await using rig = await sshdRig({ hosts: 201, user: 'root' })
      const [bastion, ...rest] = rig.hosts
      assert.ok(bastion)
      const pinned = bastion.target.knownHosts ?? []
      const proxyJump = `root@${bastion.address}:${bastion.port}`
      const dialer = createDialer({ home: rig.clientHome })
      const connections = await Promise.all(
        rest.map(async ({ target }) => {
          const knownHosts = [...pinned, ...(target.knownHosts ?? [])]
          const connection = await dialer.dial({ ...target, knownHosts: [...knownHosts], proxyJump })
          assert.is((await output(connection, 'echo $((6*7))')).stdout, '42\n')
          return connection
        }),
      )
      assert.is(bastion.accepted, 1)
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
    })
  },
  240_000,
)
