import { userInfo } from 'node:os'
import { playbook } from '../../runner/model/playbook.ts'
import { Recall } from '../../runner/engine/read-ahead/recall.ts'
import { file } from '../../tasks/files/file.ts'
import { memoryRecords } from '../helpers/memory-records.ts'
import { PlayRig } from '../helpers/play-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

const limits = { lifetimeMs: 600_000, answerMs: 600_000 }

suite(
  'read-ahead over hosts',
  (test) => {
    test('where no run was before, a host is asked ahead what the first host of its play was asked', async () => {
      await using rig = await PlayRig.make(['h1', 'h2', 'h3'])
      const site = playbook('site')
      site.play('Files', { hosts: 'all', serial: 1 }, async (host) => {
        for (const name of ['a', 'b']) await host.ensure(file({ path: rig.path(name), content: 'x' }))
      })
      const { events } = await rig.run(site, { recall: new Recall(undefined, limits) })
      const asked = events.flatMap((event) =>
        event.type === 'asked-ahead' ? [`${event.host} ${event.questions}`] : [],
      )
      assert.equal(asked, ['h2 2', 'h3 2'])
    })
    test("what another body changes on a host is seen by that host's own", async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const records = memoryRecords()
      const site = playbook('site')
      site.play('Meddling', { hosts: 'all' }, async (host) => {
        const [begun, done] = [rig.path('begun'), rig.path('done')]
        if (host.name === 'h1') {
          await host.ensure(file({ path: rig.path('a'), content: 'a' }))
          await host.read`: > ${begun}; until [ -e ${done} ]; do sleep 0.05; done`
          await host.ensure(file({ path: rig.path('b'), content: 'b' }))
          return
        }
        await host.read`until [ -e ${begun} ]; do sleep 0.05; done`
        // Through a session of its own: that of the login user still waits.
        await host
          .on('h1')
          .as(userInfo().username)
          .command({ everyTime: true })`echo drift > ${rig.path('b')}; rm ${begun}; : > ${done}`
      })
      const seen: string[][] = []
      for (const _ of [1, 2, 3]) {
        await rig.clear('done')
        const { events } = await rig.run(site, { recall: new Recall(records, limits) })
        seen.push(
          events.flatMap((it) =>
            it.type === 'asked-ahead' || (it.type === 'operation-finished' && it.kind === 'file')
              ? [it.type === 'asked-ahead' ? `${it.host} asked` : it.status]
              : [],
          ),
        )
      }
      assert.equal(seen.at(-1), ['h1 asked', 'ok', 'changed'])
    })
  },
  240_000,
)
