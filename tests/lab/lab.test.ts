import { text } from 'node:stream/consumers'
import { createDialer } from '../../runner/transport/dial.ts'
import { assert, suite } from '../helpers/suite.ts'
import { labHosts } from './lab.ts'
import { machines } from './machine.ts'

suite(
  'lab',
  (test) => {
    test('boots hosts with systemd and no Python, counts sessions and sudo calls, and leaves nothing', async () => {
      const numbers: number[] = []
      {
        await using lab = await labHosts(2)
        numbers.push(...lab.hosts.map(({ number }) => number))
        const dialer = createDialer()
        for (const { target, name } of lab.hosts) {
          const connection = await dialer.dial(target)
          const channel = await connection.open('hostname; id -un; sudo -n id -un; command -v python3')
          channel.stdin.end()
          assert.is(await text(channel.stdout), `${name}\ndeploy\nroot\n`)
          await connection.close()
        }
        await dialer.close()
        const [first] = lab.hosts
        assert.match(await first!.inside('systemctl is-active ssh; ps -p 1 -o comm='), 'active\nsystemd')
        assert.is(await first!.sessions(), 1)
        assert.is((await first!.sudoCalls()).length, 1)
      }
      const left = (await machines()).filter(({ number }) => numbers.includes(number))
      assert.equal(left, [])
    })
  },
  180_000,
)
