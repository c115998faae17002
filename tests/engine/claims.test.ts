import type { Host } from '../../runner/model/host.ts'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { line } from '../../tasks/files/line.ts'
import { EngineRig } from '../helpers/engine-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

/** What a body is warned of, in a run and in a check before it: both have to say the same. */
async function warnings(rig: EngineRig, body: (host: Host) => Promise<unknown>): Promise<string[]> {
  const said = [await rig.check(body), await rig.run(body)].map(({ end, events }) => {
    assert.is(end.status, 'ok')
    return events.flatMap((event) =>
      event.type === 'notice' && event.level === 'warning' ? [event.message.replaceAll(rig.folder, '')] : [],
    )
  })
  assert.equal(said[0], said[1])
  return said[1] ?? []
}

suite(
  'things that undo each other',
  (test) => {
    test('one file with two contents in one run is told, once, in check mode too', async () => {
      await using rig = await EngineRig.make()
      const path = rig.path('motd')
      const said = await warnings(rig, async (host) => {
        await host.ensure(file({ path, content: 'a\n' }))
        await host.ensure(file({ path, content: 'b\n' }))
        await host.ensure(file({ path, content: 'a\n' }))
      })
      assert.equal(said, ['file /motd (test) asks for two states of one thing on here: each run will change it twice'])
    })

    test('a line that is added to a file whose whole content is given elsewhere is told', async () => {
      await using rig = await EngineRig.make()
      const path = rig.path('hosts')
      const said = await warnings(rig, async (host) => {
        await host.ensure([file({ path, content: 'a\n' }), line({ path, line: 'b' })])
      })
      assert.equal(said, ['line /hosts (b) (test) undoes file /hosts (test) on here: each run will change it twice'])
    })

    test('a mode that another resource changes is told', async () => {
      await using rig = await EngineRig.make()
      const path = rig.path('srv')
      const said = await warnings(rig, async (host) => {
        await host.ensure(directory({ path, mode: '0750' }))
        await host.ensure(directory({ path, mode: '0700' }))
      })
      assert.is(said.length, 1)
    })

    test('things that agree are not: the same again, parts of one file, a mode that only one asks for', async () => {
      await using rig = await EngineRig.make()
      const path = rig.path('conf')
      const said = await warnings(rig, async (host) => {
        await host.ensure(file({ path, content: 'a\nb\nc\n' }))
        await host.ensure(file({ path, content: 'a\nb\nc\n' }))
        await host.ensure([line({ path, line: 'a' }), line({ path, line: 'b' })])
        await host.ensure(directory({ path: rig.path('d') }))
        await host.ensure(directory({ path: rig.path('d'), mode: '0700' }))
        await host.ensure([1, 2, 3].map((n) => line({ path: rig.path('lines'), line: `n ${n}`, create: true })))
      })
      assert.equal(said, [])
    })
  },
  30_000,
)
