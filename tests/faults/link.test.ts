import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../runner/engine/events.ts'
import { eventually, running, uniqueSeconds } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { ends, scene } from './scene.ts'

/** Calls `act` a little after the command was sent to a host. */
const whenSent = (host: string, act: () => void) => (event: Event) => {
  if (event.type === 'command-sent' && event.host === host) void sleep(300).then(act)
}

suite(
  'links that fail',
  (test) => {
    test('a link that is cut in a command fails its host alone, and what ran there is killed', async () => {
      await using at = await scene(3)
      const seconds = uniqueSeconds()
      const end = await at.run(
        `if (host.name === 'h2') await host.command({ everyTime: true })\`sleep ${seconds}\`
await host.ensure(file({ path: folder + '/made-' + host.name, content: 'x' }))`,
        whenSent('h2', () => at.rig.hosts[1]?.cut()),
      )
      assert.is(end.code, 1, end.stderr)
      const { h1, h2, h3 } = ends(end)
      assert.equal([h1, h3], ['ok', 'ok'])
      assert.match(h2 ?? '', /^failed \| LOST \| .*(lost|reset|closed)/)
      assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0, 10_000))
      const made = (await readdir(at.rig.folder)).filter((name) => name.startsWith('made'))
      assert.equal(made.toSorted(), ['made-h1', 'made-h3'])
    })
    test('a link that freezes in a command is given up by keepalives, and what ran there is killed', async () => {
      await using at = await scene(2)
      const seconds = uniqueSeconds()
      const end = await at.run(
        `if (host.name === 'h2') await host.command({ everyTime: true })\`sleep ${seconds}\``,
        whenSent('h2', () => at.rig.hosts[1]?.freeze()),
      )
      assert.is(end.code, 1, end.stderr)
      const { h1, h2 } = ends(end)
      assert.is(h1, 'ok')
      assert.match(h2 ?? '', /^failed \| LOST \| /)
      // The host itself hears of nothing: its shell ends what runs when it was not heard of for too long.
      assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0, 100_000))
    })
    test('a controller that is killed leaves nothing running on the hosts', async () => {
      await using at = await scene(2)
      const seconds = uniqueSeconds()
      let begun = 0
      const end = await at.run(`await host.command({ everyTime: true })\`sleep ${seconds}\``, (event, child) => {
        if (event.type === 'command-sent' && ++begun === 2) void sleep(300).then(() => child.kill('SIGKILL'))
      })
      assert.is(end.signal, 'SIGKILL')
      assert.ok(await eventually(async () => (await running('sleep', seconds)) === 0, 10_000))
    })
  },
  180_000,
)
