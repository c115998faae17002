import { readFile, stat, writeFile } from 'node:fs/promises'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { EngineRig } from '../helpers/engine-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

suite('ensure', (test) => {
  test('a changed resource costs two round trips, an unchanged one costs one', async () => {
    await using rig = await EngineRig.make()
    const body = (host: Parameters<Parameters<typeof rig.run>[0]>[0]) =>
      host.ensure(file({ path: rig.path('a'), content: 'x\n', mode: '0640' }))
    const first = await rig.run(body)
    assert.equal(first.statuses, ['file changed'])
    assert.is(first.roundTrips, 2)
    assert.is(await readFile(rig.path('a'), 'utf8'), 'x\n')
    assert.is((await stat(rig.path('a'))).mode & 0o7777, 0o640)
    const second = await rig.run(body)
    assert.equal(second.statuses, ['file ok'])
    assert.is(second.roundTrips, 1)
  })
  test('a list costs two round trips where something changes, and one where nothing does', async () => {
    await using rig = await EngineRig.make()
    const list = Array.from({ length: 30 }, (_, i) => file({ path: rig.path(`f${i}`), content: `content ${i}\n` }))
    const first = await rig.run((host) => host.ensure(list))
    assert.is(first.roundTrips, 2)
    assert.is(first.statuses.filter((status) => status === 'file changed').length, 30)
    const second = await rig.run((host) => host.ensure(list))
    assert.is(second.roundTrips, 1)
    assert.is(second.statuses.filter((status) => status === 'file ok').length, 30)
  })
  test('items of a list build on what the items before them lead to', async () => {
    await using rig = await EngineRig.make()
    const { end, roundTrips, statuses } = await rig.run((host) =>
      host.ensure([directory({ path: rig.path('d') }), file({ path: rig.path('d/e'), content: 'x' })]),
    )
    assert.equal(end.status === 'failed' ? end.error : end.status, 'ok')
    assert.equal(statuses, ['directory changed', 'file changed'])
    assert.is(roundTrips, 2)
  })
  test('check mode predicts what the run then makes, and writes nothing', async () => {
    await using rig = await EngineRig.make()
    const body = async (host: Parameters<Parameters<typeof rig.run>[0]>[0]) => {
      await host.ensure(directory({ path: rig.path('d'), mode: '0750' }))
      const made = await host.ensure(file({ path: rig.path('d/e'), content: 'x' }))
      if (made.changed) await host.ensure(file({ path: rig.path('d/marker'), content: made.path }))
    }
    const predicted = await rig.check(body)
    assert.is(await stat(rig.path('d')).catch(() => 'absent'), 'absent')
    const made = await rig.run(body)
    assert.equal(predicted.statuses, made.statuses)
    assert.equal(
      predicted.finished.map(({ changes }) => changes),
      made.finished.map(({ changes }) => changes),
    )
  })
  test('a large file goes ahead of the command, and is right', async () => {
    await using rig = await EngineRig.make()
    const content = 'x'.repeat(300_000)
    const { end } = await rig.run((host) => host.ensure(file({ path: rig.path('big'), content })))
    assert.equal(end.status === 'failed' ? end.error : end.status, 'ok')
    assert.is(await readFile(rig.path('big'), 'utf8'), content)
  })
  test('drift by hand is seen as exactly that change', async () => {
    await using rig = await EngineRig.make()
    const body = (host: Parameters<Parameters<typeof rig.run>[0]>[0]) =>
      host.ensure(file({ path: rig.path('a'), content: 'one\n' }))
    await rig.run(body)
    await writeFile(rig.path('a'), 'two\n')
    const { finished } = await rig.run(body)
    assert.equal(finished[0]?.changes, [{ field: 'content', before: 'two\n', after: 'one\n', text: true }])
  })
  test('a missing directory is an error that says what to do, at the line of the playbook', async () => {
    await using rig = await EngineRig.make()
    const { end, statuses } = await rig.run((host) => host.ensure(file({ path: rig.path('no/such'), content: 'x' })))
    assert.is(end.status, 'failed')
    assert.equal(statuses, ['file failed'])
    const { error } = end as { error: { at?: string; message: string } }
    assert.match(error.at ?? '', /ensure\.test\.ts:\d+:\d+$/)
  })
})
