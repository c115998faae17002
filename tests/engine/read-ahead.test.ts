import { writeFileSync } from 'node:fs'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../../runner/model/host.ts'
import { file } from '../../tasks/files/file.ts'
import { type BodyReport, EngineRig } from '../helpers/engine-rig.ts'
import { type Act, changed, settled, tenOperations } from '../helpers/read-ahead-bodies.ts'
import { assert, suite } from '../helpers/suite.ts'

const ahead = ({ events }: BodyReport) =>
  events.flatMap((event) => (event.type === 'asked-ahead' ? [event.questions] : []))

/** Runs the body, which itself meddles with what was read ahead, and tells what was changed. */
async function meddled(body: (rig: EngineRig) => Act): Promise<BodyReport> {
  await using rig = await settled(body)
  return await rig.run(body(rig))
}

suite(
  'read-ahead',
  (test) => {
    test('an unchanged body costs one round trip, however it is written, and says of each operation that it is ok', async () => {
      await using rig = await settled(tenOperations)
      const report = await rig.run(tenOperations(rig))
      assert.is(report.roundTrips, 1)
      assert.equal(report.statuses.length, 10)
      assert.equal(changed(report), [])
      // Of every path once, though three operations ask for that of the lines.
      assert.is(ahead(report).length, 1)
      const commands = report.events.filter((event) => event.type === 'command-sent')
      assert.equal(commands, [])
    })
    test('without it, each operation asks for itself', async () => {
      await using rig = await EngineRig.make()
      await rig.run(tenOperations(rig))
      assert.is((await rig.run(tenOperations(rig))).roundTrips, 10)
    })
    test('check mode reads ahead as well', async () => {
      await using rig = await settled(tenOperations)
      const report = await rig.check(tenOperations(rig))
      assert.is(report.roundTrips, 1)
      assert.equal(changed(report), [])
    })
    test('it travels with a question of the playbook, which is always asked itself', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.read`uname -r`
        await tenOperations(rig)(host)
        await host.read`uname -r`
      }
      await using rig = await settled(body)
      const report = await rig.run(body(rig))
      assert.is(report.roundTrips, 2)
      assert.is(report.events.filter((event) => event.type === 'command-sent').length, 2)
    })
    test('it travels with a command behind a guard, and is of use where that had nothing to do', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.command({ unless: 'true' })`echo never`
        await tenOperations(rig)(host)
      }
      await using rig = await settled(body)
      assert.is((await rig.run(body(rig))).roundTrips, 1)
    })
    test('it travels with the facts', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.facts
        await tenOperations(rig)(host)
      }
      await using rig = await settled(body)
      assert.is((await rig.run(body(rig))).roundTrips, 1)
    })
    test('drift is found and put right, in two round trips for the operation and one for each after it', async () => {
      await using rig = await settled(tenOperations)
      await writeFile(rig.path('d/b'), 'drift\n', { mode: 0o640 })
      const report = await rig.run(tenOperations(rig))
      assert.equal(changed(report), ['file changed'])
      assert.is(await readFile(rig.path('d/b'), 'utf8'), 'two\n')
      // One for those before, two for the change, one for each of the seven after it.
      assert.is(report.roundTrips, 1 + 2 + 7)
    })
    test('drift that the first operation finds costs it no third round trip', async () => {
      const body = (rig: EngineRig) => (host: Host) => host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
      await using rig = await settled(body)
      await writeFile(rig.path('a'), 'drift\n')
      const report = await rig.run(body(rig))
      assert.equal(changed(report), ['file changed'])
      assert.is(report.roundTrips, 2)
    })
    test('what a command of the body changes is seen by the operation after it', async () => {
      const report = await meddled((rig) => async (host) => {
        await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
        await host.command({ everyTime: true })`echo drift > ${rig.path('b')}`
        await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
      })
      assert.equal(changed(report), ['command changed', 'file changed'])
    })
    test('what a failed command has changed is seen, too', async () => {
      const report = await meddled((rig) => async (host) => {
        await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
        await host.command({ everyTime: true })`echo drift > ${rig.path('b')}; exit 3`.catch(() => {})
        await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
      })
      assert.equal(changed(report), ['file changed'])
    })
    test('a resource that changes another one by the way is seen to', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.ensure(file({ path: rig.path('c'), content: 'c\n' }))
        await host.ensure(
          file({ path: rig.path('a'), content: 'a\n', validate: `echo drift > ${rig.path('b')}; true %s` }),
        )
        await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
      }
      await using rig = await settled(body)
      await writeFile(rig.path('a'), 'drift\n')
      assert.equal(changed(await rig.run(body(rig))), ['file changed', 'file changed'])
    })
    test('a change as another user, or of a host that is the same under another name, is seen', async () => {
      for (const other of [(host: Host) => host.as('root'), (host: Host) => host.on('there')]) {
        const report = await meddled((rig) => async (host) => {
          await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
          await other(host).command({ everyTime: true })`echo drift > ${rig.path('b')}`
          await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
        })
        assert.equal(changed(report), ['command changed', 'file changed'])
      }
    })
    test('what something else changes while the body waits for it is seen: a program, a timer, the network', async () => {
      const report = await meddled((rig) => async (host) => {
        await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
        await appendFile(rig.path('b'), 'drift\n')
        await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
      })
      assert.equal(changed(report), ['file changed'])
    })
    test('nor is it missed where another branch of the body goes on with operations meanwhile', async () => {
      const report = await meddled((rig) => async (host) => {
        const branch = async () => {
          await appendFile(rig.path('b'), 'drift\n')
          await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
        }
        const other = async () => {
          for (const _ of [1, 2, 3]) await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
          await host.read`sleep 0.3`
        }
        await Promise.all([other(), branch()])
      })
      assert.equal(changed(report), ['file changed'])
    })
    test('a body that waits now and then asks ahead from each wait to the next', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        for (const part of ['a', 'b', 'c']) {
          for (const n of [1, 2, 3]) await host.ensure(file({ path: rig.path(`${part}${n}`), content: part }))
          await sleep(1)
        }
      }
      await using rig = await settled(body)
      assert.is((await rig.run(body(rig))).roundTrips, 3)
    })
    test('what an effect, or `once`, may have changed is seen', async () => {
      const meddlers = [
        (host: Host, act: () => Promise<object>) => host.run.effect('meddle', act),
        (host: Host, act: () => Promise<object>) => host.run.once('meddle', act),
      ]
      for (const by of meddlers) {
        const report = await meddled((rig) => async (host) => {
          await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
          // As quick as can be: nothing but what is called tells that something was done.
          await by(host, async () => {
            writeFileSync(rig.path('b'), 'drift\n')
            return {}
          })
          await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
        })
        assert.equal(
          changed(report).filter((status) => status === 'file changed'),
          ['file changed'],
        )
      }
    })
    test('an answer serves as often as it was asked the last time: who asks on gets a new one', async () => {
      let asks = 1
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.read`true`
        for (let i = 0; i < asks; i++) await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
      }
      await using rig = await settled(body)
      asks = 3
      assert.is((await rig.run(body(rig))).roundTrips, 1 + 2)
    })
    test('an answer is not kept beyond the session that gave it', async () => {
      const body =
        (rig: EngineRig, between = async () => {}) =>
        async (host: Host) => {
          await host.read`true`
          await between()
          await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
        }
      await using rig = await settled((it) => body(it))
      const before = await rig.run(body(rig))
      assert.is(before.roundTrips, 1)
      await rm(rig.path('a'))
      const report = await rig.run(body(rig, () => rig.loseSession()))
      assert.equal(changed(report), ['file changed'])
    })
    test('an answer is not kept beyond its time', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.read`true`
        await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
      }
      await using rig = await settled(body)
      rig.limits = { ...rig.limits, lifetimeMs: 0 }
      const report = await rig.run(body(rig))
      assert.is(ahead(report).length, 1)
      assert.is(report.roundTrips, 2)
    })
    test('what is not answered in time is asked by the operation that wants it', async () => {
      const body = (rig: EngineRig) => async (host: Host) => {
        await host.ensure(file({ path: rig.path('a'), content: 'a\n' }))
        await host.ensure(file({ path: rig.path('b'), content: 'b\n' }))
      }
      await using rig = await settled(body)
      rig.limits = { ...rig.limits, answerMs: 1 }
      const report = await rig.run(body(rig))
      assert.equal([report.end.status, changed(report)], ['ok', []])
    })
  },
  240_000,
)
