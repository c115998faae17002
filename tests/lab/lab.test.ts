import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createDialer } from '../../runner/transport/dial.ts'
import { assert, suite } from '../helpers/suite.ts'
import { labHosts } from './lab.ts'
import { labFolder } from './folder.ts'
import { initOf, machines } from './machine.ts'

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

    test('ends a host whose container process was killed, and its first process went on', async () => {
      let init: number | undefined
      {
        await using lab = await labHosts(1)
        const { number } = lab.hosts[0] as { number: number }
        const pid = Number(await readFile(join(labFolder(), 'machines', String(number), 'pid'), 'utf8'))
        init = await initOf(pid)
        process.kill(pid, 'SIGKILL')
      }
      assert.ok(init !== undefined)
      // Whoever inherited it may not have taken note of its end yet: then it has no command line any more.
      assert.is(await readFile(`/proc/${init}/cmdline`, 'utf8').catch(() => ''), '')
    })
  },
  180_000,
)
