import { readFile, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { watchStrays } from '../../runner/engine/host/scope.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import { probe } from '../../runner/model/typed-probe.ts'
import { task } from '../../runner/model/task.ts'
import { unknown } from '../../runner/model/unknown.ts'
import { file } from '../../tasks/files/file.ts'
import { observed } from '../../tasks/system/observed.ts'
import { type BodyReport, EngineRig } from '../helpers/engine-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

const failure = ({ end }: BodyReport): TsplayError => {
  if (end.status !== 'failed') throw new Error(`the body did not fail: ${JSON.stringify(end)}`)
  return end.error as TsplayError
}
const noOthers = () =>
  watchStrays((error) => {
    throw error
  })

suite(
  'the end of a body',
  (test) => {
    test('a rejection that nobody handles counts although the body returned at once', async () => {
      await using rig = await EngineRig.make()
      using _watch = noOthers()
      const report = await rig.run(async () => void Promise.reject(new Error('forgotten')))
      assert.match(failure(report).message, 'forgotten')
    })
    test('work that goes on after a body failed begins nothing on the host, also while clean-up runs', async () => {
      await using rig = await EngineRig.make()
      let late: unknown
      const report = await rig.run(async (host) => {
        host.cleanup(() => sleep(200))
        void sleep(50)
          .then(() => host.command({ everyTime: true })`touch ${rig.path('late')}`)
          .catch((error: unknown) => {
            late = error
          })
        throw new Error('first')
      })
      assert.is(failure(report).message, 'first')
      assert.is(await stat(rig.path('late')).catch(() => 'absent'), 'absent')
      assert.match((late as TsplayError).message, /was called after the body/)
    })
    test('what was under way when the body failed is waited for', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run((host) =>
        Promise.all([
          Promise.reject(new Error('first')),
          host.command({ everyTime: true })`sleep 0.2; touch ${rig.path('f')}`,
        ]),
      )
      assert.is(failure(report).message, 'first')
      assert.ok(await stat(rig.path('f')))
    })
    test('a second stop ends a body that waits for something else than a host', async () => {
      await using rig = await EngineRig.make()
      const running = rig.run(async (host) => {
        host.cleanup(async () => void (await host.command({ everyTime: true })`touch ${rig.path('cleaned')}`))
        await new Promise(() => {})
      })
      await sleep(200)
      rig.stop.request()
      rig.stop.request()
      assert.is(failure(await running).code, 'ABORTED')
      assert.ok(await stat(rig.path('cleaned')))
    })
    test('readers of a read are operations: one that nobody awaits is an error at its line', async () => {
      await using rig = await EngineRig.make()
      for (const forget of [
        (host: Host) => void host.read`echo x`.text(),
        (host: Host) => void host.read`echo x`.lines(),
        (host: Host) => void host.run.effect('dns', async () => 1),
        (host: Host) => void host.facts,
      ]) {
        const report = await rig.run(async (host) => {
          forget(host)
          await sleep(300)
        })
        assert.match(failure(report).message, /was not awaited/)
        assert.match(failure(report).at ?? '', /body-end\.test\.ts/)
      }
    })
    test('a read can be used by several readers', async () => {
      await using rig = await EngineRig.make()
      const { end, roundTrips } = await rig.run(async (host) => {
        const read = host.read`echo '[1]'`
        return [await read.text(), await read.lines(), await read.json(v.array(v.number())), (await read).code]
      })
      assert.equal(end, { status: 'ok', value: ['[1]', ['[1]'], [1], 0] })
      assert.is(roundTrips, 1)
    })
    test('JSON of another shape, and options that make no sense, are told with host, task and line', async () => {
      await using rig = await EngineRig.make()
      const inner = task('inner', async (host: Host) => void (await host.read`echo 1`.json(v.string())))
      const wrong = task(
        'wrong',
        async (host: Host) => void (await host.ensure(file({ path: 'relative', content: '' }))),
      )
      for (const [act, path] of [
        [inner, ['outer', 'inner']],
        [wrong, ['outer', 'wrong']],
      ] as const) {
        const outer = task('outer', async (host: Host) => void (await act(host)))
        const error = failure(await rig.run(outer))
        assert.match(error.at ?? '', /body-end\.test\.ts:\d+/)
        assert.is(error.host, 'here')
        assert.equal(error.taskPath, path)
      }
    })
    test('an effect may use the host itself', async () => {
      await using rig = await EngineRig.make()
      const { end } = await rig.run((host) => host.run.effect('copy', () => host.read`echo hi`.text()))
      assert.equal(end, { status: 'ok', value: 'hi' })
    })
    test('a clean-up that can not be predicted is no failure, one that forgets an await is', async () => {
      await using rig = await EngineRig.make()
      const unforeseen = async (host: Host) => {
        host.cleanup(async () => {
          const { code } = await host.command({ everyTime: true })`true`
          if (code > 3) host.log('never')
        })
      }
      assert.is((await rig.check(unforeseen)).end.status, 'ok')
      const forgets = await rig.run(async (host) => {
        host.cleanup(async () => void host.command({ everyTime: true })`sleep 0.1; touch ${rig.path('made')}`)
      })
      assert.match(failure(forgets).message, /was not awaited/)
      assert.ok(await stat(rig.path('made')))
    })
    test('what is not known is carried by commands, and never becomes text that a host runs', async () => {
      await using rig = await EngineRig.make()
      await writeFile(rig.path('f'), 'x')
      const body = async (host: Host) => {
        const name = unknown<string>('nobody knows')
        await host.command({ everyTime: true })`touch ${rig.path('made')} ${name}`
        await host.command({ creates: name })`touch ${name}`
        await host.ensure(file({ path: rig.path('g'), content: await host.read`cat ${name}`.text() }))
      }
      const { statuses, end, finished } = await rig.check(body)
      assert.is(end.status, 'ok')
      assert.equal(statuses, ['command changed', 'command may', 'read ok', 'file may'])
      assert.not.match(JSON.stringify(finished), /\u{F0000}/u)
      assert.is((await rig.run(body)).end.status, 'failed')
      assert.is(await readFile(rig.path('made'), 'utf8').catch(() => 'absent'), 'absent')
    })
    test('output of which only a part is kept is not taken for the whole', async () => {
      await using rig = await EngineRig.make()
      const { end } = await rig.run(async (host) => {
        const much = await host.read`head -c 9000000 /dev/zero | tr '\\0' x`
        const error: unknown = await host.read`head -c 9000000 /dev/zero | tr '\\0' x`.text().catch((it: unknown) => it)
        return [much.code, (error as TsplayError).message]
      })
      assert.equal(end, {
        status: 'ok',
        value: [0, "head -c 9000000 /dev/zero | tr '\\0' x printed more than 8 MiB, which is not kept"],
      })
    })
    test('nor is that of a command with a guard, or the answer to a question', async () => {
      await using rig = await EngineRig.make()
      const much = "head -c 9000000 /dev/zero | tr '\\0' x"
      const { end } = await rig.run(async (host) => {
        const ran = await host.command({ creates: rig.path('never') })`head -c 9000000 /dev/zero | tr '\\0' x`
        const probed = host.ensure(observed(probe.script('much', much, (text) => text.length)))
        const acts: readonly (() => unknown)[] = [() => ran.stdout, () => probed]
        const messages = acts.map((act) => Promise.resolve().then(act).catch(String))
        return [ran.code, ...(await Promise.all(messages))]
      })
      assert.equal(end, {
        status: 'ok',
        value: [
          0,
          `TsplayError: ${much} printed more than 8 MiB, which is not kept`,
          'TsplayError: the host answered with more than 8 MiB when it was asked about script:much',
        ],
      })
    })
    test('a cyclic result is refused', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run(async () => {
        const it: { self?: unknown } = {}
        it.self = it
        return it
      })
      assert.match(failure(report).message, /self is a cycle/)
    })
  },
  15_000,
)
