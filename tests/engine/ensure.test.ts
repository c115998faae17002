import { readFile, stat, writeFile } from 'node:fs/promises'
import type { TsplayError } from '../../runner/model/errors.ts'
import { scriptProbe } from '../../runner/model/probe.ts'
import { resource } from '../../runner/model/resource.ts'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { EngineRig } from '../helpers/engine-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

/** Writes a value into a file by a script; `script` may do something else than asked. */
const value = resource({
  kind: 'value',
  id: (options: {
    readonly path: string
    readonly value: string
    readonly script?: string
    readonly timeoutMs?: number
  }) => options.path,
  probes: ({ path }) => ({ now: scriptProbe(path, `cat ${path} 2>/dev/null`, (raw) => raw.trim(), { touches: [] }) }),
  diff: (options, { now }) => (now === options.value ? [] : [{ field: 'value', before: now, after: options.value }]),
  apply: (options) => [
    {
      script: options.script ?? `echo ${options.value} >> ${options.path}.log; echo ${options.value} > ${options.path}`,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    },
  ],
  after: (options) => ({ now: options.value }),
  out: (_, { now }) => ({ now }),
})

suite(
  'ensure',
  (test) => {
    test('a resource that is not as asked after it was applied is an error that names what differs', async () => {
      await using rig = await EngineRig.make()
      const { end, statuses } = await rig.run((host) =>
        host.ensure(value({ path: rig.path('v'), value: 'a', script: 'true' })),
      )
      assert.equal(statuses, ['value failed'])
      assert.match((end as { error: TsplayError }).error.message, 'was applied and still differs: value is , not a')
    })
    test('an item that an earlier one changed behind the back of the model is asked again, not overwritten blindly', async () => {
      await using rig = await EngineRig.make()
      const meddling = `echo x > ${rig.path('a')}; echo b > ${rig.path('b')}`
      const { end, statuses, roundTrips } = await rig.run((host) =>
        host.ensure([
          value({ path: rig.path('a'), value: 'x', script: meddling }),
          value({ path: rig.path('b'), value: 'b' }),
          value({ path: rig.path('c'), value: 'c' }),
        ]),
      )
      assert.is(end.status, 'ok')
      assert.equal(statuses, ['value changed', 'value ok', 'value changed'])
      // The second item was found as asked, and never written.
      assert.is(await readFile(rig.path('b.log'), 'utf8').catch(() => 'absent'), 'absent')
      assert.is(roundTrips, 4)
    })
    test('a step of a list that takes longer than its own limit is killed, whatever the others may take', async () => {
      await using rig = await EngineRig.make()
      const { end, statuses } = await rig.run((host) =>
        host.ensure([
          value({ path: rig.path('a'), value: 'a' }),
          value({ path: rig.path('b'), value: 'b', script: 'sleep 600', timeoutMs: 300 }),
          value({ path: rig.path('c'), value: 'c' }),
        ]),
      )
      assert.is((end as { error: TsplayError }).error.code, 'TIMEOUT')
      assert.match((end as { error: TsplayError }).error.message, `value ${rig.path('b')} took longer than its limit`)
      assert.equal(statuses, ['value changed', 'value failed'])
      assert.is(await readFile(rig.path('c'), 'utf8').catch(() => 'absent'), 'absent')
    })
    test('a failed step ends the list there, with its words and its code', async () => {
      await using rig = await EngineRig.make()
      const { end, statuses } = await rig.run((host) =>
        host.ensure([
          value({ path: rig.path('a'), value: 'a' }),
          value({ path: rig.path('b'), value: 'b', script: 'echo some output; echo "no space left" >&2; exit 5' }),
          value({ path: rig.path('c'), value: 'c' }),
        ]),
      )
      assert.equal(statuses, ['value changed', 'value failed'])
      const { error } = end as { error: TsplayError & { exitCode: number; stdout: string } }
      assert.is(error.message, `value ${rig.path('b')}: no space left`)
      assert.equal([error.exitCode, error.stdout], [5, 'some output\n'])
      assert.is(await readFile(rig.path('c'), 'utf8').catch(() => 'absent'), 'absent')
    })
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
  },
  20_000,
)
