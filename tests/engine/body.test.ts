import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError, type TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import { Secret, secret } from '../../runner/model/secret.ts'
import { task } from '../../runner/model/task.ts'
import { file } from '../../tasks/files/file.ts'
import { type BodyReport, EngineRig } from '../helpers/engine-rig.ts'
import { eventually } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'

const failure = ({ end }: BodyReport): TsplayError => {
  if (end.status !== 'failed') throw new Error(`the body did not fail: ${JSON.stringify(end)}`)
  return end.error as TsplayError
}

suite(
  'body',
  (test) => {
    test('an ensure that is not awaited is an error at its line, even when it went well', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run(async (host) => {
        void host.ensure(file({ path: rig.path('a'), content: 'x' }))
        await sleep(300)
      })
      assert.match(failure(report).message, 'host.ensure was not awaited')
      assert.match(failure(report).at ?? '', /body\.test\.ts:\d+:\d+$/)
    })
    test('a task that is not awaited is an error, and nothing of it goes on afterwards', async () => {
      await using rig = await EngineRig.make()
      const slow = task('slow', async (host: Host) => {
        await host.command({ everyTime: true })`sleep 0.3`
        await host.ensure(file({ path: rig.path('late'), content: 'x' }))
      })
      const report = await rig.run(async (host) => {
        slow(host).catch(() => {})
      })
      assert.match(failure(report).message, /was not awaited/)
      await sleep(100)
      assert.is(await readFile(rig.path('late'), 'utf8').catch(() => 'absent'), 'absent')
    })
    test('a rejection that nobody handles fails its body alone', async () => {
      await using rig = await EngineRig.make()
      const { watchStrays } = await import('../../runner/engine/host/scope.ts')
      using _watch = watchStrays((error) => {
        throw error
      })
      const [stray, other] = await Promise.all([
        rig.run(async () => {
          void Promise.reject(new Error('forgotten'))
          await sleep(50)
        }),
        rig.run(async (host) => (await host.read`echo fine`).stdout),
      ])
      assert.match(failure(stray).message, 'a promise that nobody awaited failed: forgotten')
      assert.equal(other.end, { status: 'ok', value: 'fine\n' })
    })
    test('a result that is not plain data is refused, and named', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run(async () => ({ deep: { fn: () => 1 } }))
      assert.match(failure(report).message, 'the result of "test" is not plain data: deep.fn is a function')
    })
    test('a failure can be caught, and the body goes on', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run(async (host) => {
        try {
          await host.command({ everyTime: true })`echo broken >&2; exit 7`
        } catch (error) {
          return (error as TsplayError).message
        }
        return undefined
      })
      assert.equal(report.end, { status: 'ok', value: 'echo broken >&2; exit 7 ended with 7: broken' })
      assert.equal(report.statuses, ['command failed'])
    })
    test('clean-up runs last first, after a failure too, and can use the host', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run(async (host) => {
        for (const name of ['one', 'two']) {
          host.cleanup(async () => void (await host.command({ everyTime: true })`echo ${name} >> ${rig.path('log')}`))
        }
        throw new Error('no')
      })
      assert.is(report.end.status, 'failed')
      assert.is(await readFile(rig.path('log'), 'utf8'), 'two\none\n')
    })
    test('a command runs behind its guard, both in one round trip', async () => {
      await using rig = await EngineRig.make()
      const body = (host: Host) => host.command({ creates: rig.path('made') })`echo hello; touch ${rig.path('made')}`
      const first = await rig.run(body)
      assert.equal(first.end, { status: 'ok', value: { stdout: 'hello\n', stderr: '', code: 0, changed: true } })
      assert.is(first.roundTrips, 1)
      const second = await rig.run(body)
      assert.equal(second.statuses, ['command ok'])
      assert.is(second.roundTrips, 1)
    })
    test('a command or question without its text is an error at its line, not silence', async () => {
      await using rig = await EngineRig.make()
      const ways: readonly (readonly [RegExp, (host: Host) => Promise<unknown>])[] = [
        [/host\.command\({ … }\) is awaited without a command/, async (host) => host.command({ everyTime: true })],
        [/host\.read\({ … }\) is awaited without a command/, async (host) => host.read({ timeoutMs: 1000 })],
        // As a playbook in JavaScript may have it.
        [/host\.command is given text/, async (host) => host.command('touch /srv/x' as never)],
      ]
      for (const [message, body] of ways) {
        const error = failure(await rig.run(body))
        assert.match(error.message, message)
        assert.match(error.at ?? '', /body\.test\.ts:\d+:\d+$/)
      }
    })
    test('each guard decides as it says', async () => {
      await using rig = await EngineRig.make()
      const { statuses } = await rig.run(async (host) => {
        await host.command({ unless: 'true' })`false`
        await host.command({ unless: 'false' })`true`
        await host.command({ onlyIf: 'true' })`true`
        await host.command({ onlyIf: 'false' })`false`
        await host.command({ everyTime: true, changed: ({ stdout }) => stdout !== 'same\n' })`echo same`
      })
      assert.equal(statuses, ['command ok', 'command changed', 'command changed', 'command ok', 'command ok'])
    })
    test('values reach the shell as words, whatever is in them, and input by stdin', async () => {
      await using rig = await EngineRig.make()
      const hostile = `a'b"c $(touch /x) \`id\` \\ \n -n é`
      const { end } = await rig.run(async (host) => {
        const words = await host.read`printf '<%s>' ${hostile} ${['one two', '']}`
        const input = await host.read({ stdin: secret`p${new Secret('w')}` })`cat`
        return [words.stdout, input.stdout]
      })
      assert.equal(end, { status: 'ok', value: [`<${hostile}><one two><>`, 'pw'] })
    })
    test('a read gives text, lines and the code that was allowed', async () => {
      await using rig = await EngineRig.make()
      const { end } = await rig.run(async (host) => [
        await host.read`printf 'a\n b \n'`.text(),
        await host.read`printf 'a\n\nb\n'`.lines(),
        await host.read`true`.lines(),
        (await host.read({ okCodes: [0, 3] })`exit 3`).code,
        (await host.read({ cwd: '/usr', env: { WHO: "it's me" } })`pwd; echo "$WHO"`).stdout,
      ])
      assert.equal(end, { status: 'ok', value: ['a\n b', ['a', '', 'b'], [], 3, "/usr\nit's me\n"] })
    })
    test('a command that takes too long is killed, and the host goes on', async () => {
      await using rig = await EngineRig.make()
      const report = await rig.run(async (host) => {
        const error = await host.command({ everyTime: true, timeoutMs: 200 })`sleep 4242`.catch((it: unknown) => it)
        return [(error as TsplayError).code, await host.read`pgrep -x -f 'sleep 4242' || echo none`.text()]
      })
      assert.equal(report.end, { status: 'ok', value: ['TIMEOUT', 'none'] })
    })
    test('a command that kills the shell it runs in has failed, with what it printed, and the host goes on', async () => {
      await using rig = await EngineRig.make()
      const { end, statuses } = await rig.run(async (host) => {
        const error = await host.command({ everyTime: true })`echo begun; kill -9 $$`.then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        assert.instance(error, CommandError)
        assert.match((error as CommandError).message, 'the shell that ran it was killed on the host')
        assert.is((error as CommandError).stdout.trim(), 'begun')
        assert.is(await host.read`echo on`.text(), 'on')
      })
      assert.is(end.status, 'ok')
      assert.equal(statuses, ['command failed', 'read ok'])
    })
    test('a second stop ends running commands and later operations, but not clean-up', async () => {
      await using rig = await EngineRig.make()
      const running = rig.run(async (host) => {
        host.cleanup(async () => void (await host.command({ everyTime: true })`touch ${rig.path('cleaned')}`))
        await host.command({ everyTime: true })`touch ${rig.path('begun')}; sleep 4243`
      })
      assert.ok(await eventually(() => existsSync(rig.path('begun')), 4000))
      rig.stop.request()
      rig.stop.request()
      assert.is(failure(await running).code, 'ABORTED')
      assert.is(await readFile(rig.path('cleaned'), 'utf8'), '')
    })
    test('a task knows whether anything in it changed', async () => {
      await using rig = await EngineRig.make()
      const make = task('make', async (host: Host) => {
        await host.ensure(file({ path: rig.path('a'), content: 'x' }))
        return { path: rig.path('a') }
      })
      const body = async (host: Host) => (await make(host)).changed
      assert.equal((await rig.run(body)).end, { status: 'ok', value: true })
      assert.equal((await rig.run(body)).end, { status: 'ok', value: false })
    })
    test('a secret in a file is in no event, and neither side of its change is shown', async () => {
      await using rig = await EngineRig.make()
      await writeFile(rig.path('s'), 'old-sesame-1\n')
      const { events } = await rig.run(async (host) => {
        await host.ensure(file({ path: rig.path('s'), content: secret`${new Secret('new-sesame-2')}\n` }))
        await host.read`cat ${rig.path('s')}`
        await host.command({ everyTime: true })`base64 ${rig.path('s')}; cat ${rig.path('s')} >&2`
      })
      assert.not.match(JSON.stringify(events), /sesame/)
      assert.not.match(JSON.stringify(events), Buffer.from('new-sesame-2').toString('base64').slice(0, -4))
    })
  },
  20_000,
)
