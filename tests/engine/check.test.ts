import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { Host } from '../../runner/model/host.ts'
import { scriptProbe } from '../../runner/model/probe.ts'
import { resource } from '../../runner/model/resource.ts'
import { unknown } from '../../runner/model/unknown.ts'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { line } from '../../tasks/files/line.ts'
import { EngineRig } from '../helpers/engine-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

/** A thing whose number the host chooses: what it will be can't be known beforehand. */
const numbered = (rig: EngineRig) =>
  resource({
    kind: 'numbered',
    id: (options: { readonly name: string }) => options.name,
    probes: ({ name }) => ({
      number: scriptProbe(
        `numbered ${name}`,
        `cat ${rig.path(name)} 2>/dev/null`,
        (raw) => (raw === '' ? undefined : Number(raw)),
        { touches: [] },
      ),
    }),
    diff: (_, { number }) => (number === undefined ? [{ field: 'numbered', before: undefined, after: 'present' }] : []),
    apply: ({ name }) => [{ script: `echo 42 > ${rig.path(name)}` }],
    after: () => ({ number: unknown<number>('chosen by the host') }),
    out: (_, { number }) => ({ number, text: `n=${number}` }),
  })

/** A thing that brings files which nobody lists. */
const opaque = (rig: EngineRig) =>
  resource({
    kind: 'package',
    id: (options: { readonly name: string }) => options.name,
    probes: ({ name }) => ({
      there: scriptProbe(`package ${name}`, `[ -e ${rig.path(`${name}.installed`)} ] && echo y`, (raw) => raw !== '', {
        touches: [],
      }),
    }),
    diff: (_, { there }) => (there ? [] : [{ field: 'installed', before: false, after: true }]),
    apply: ({ name }) => [
      { script: `echo shipped > ${rig.path(`${name}.conf`)}; touch ${rig.path(`${name}.installed`)}` },
    ],
    after: () => ({ there: true }),
    out: () => ({}),
    opaque: () => true,
  })

suite(
  'check mode',
  (test) => {
    test('nothing is written, however much is predicted', async () => {
      await using rig = await EngineRig.make()
      const { statuses } = await rig.check(async (host) => {
        await host.ensure(directory({ path: rig.path('d') }))
        await host.ensure(file({ path: rig.path('d/f'), content: 'x' }))
        await host.command({ everyTime: true })`touch ${rig.path('g')}`
        await host.run.effect('dns', async () => writeFile(rig.path('h'), ''))
      })
      assert.equal(statuses, ['directory changed', 'file changed', 'command changed'])
      assert.equal(await readdir(rig.folder), [])
    })
    test('a line in a file that an earlier resource is predicted to write is predicted from that content', async () => {
      await using rig = await EngineRig.make()
      const body = async (host: Host) => {
        await host.ensure(file({ path: rig.path('f'), content: 'one\n' }))
        await host.ensure(line({ path: rig.path('f'), line: 'two' }))
      }
      const predicted = await rig.check(body)
      const made = await rig.run(body)
      assert.equal(
        predicted.finished.map(({ changes }) => changes),
        made.finished.map(({ changes }) => changes),
      )
      assert.is(await readFile(rig.path('f'), 'utf8'), 'one\ntwo\n')
    })
    test('an unknown can be carried into a file, which is then created for certain, with content yet unknown', async () => {
      await using rig = await EngineRig.make()
      const { statuses, finished, end } = await rig.check(async (host) => {
        const { number } = await host.ensure(numbered(rig)({ name: 'n' }))
        await host.ensure(file({ path: rig.path('f'), content: `number ${number}\n` }))
      })
      assert.equal(end, { status: 'ok', value: undefined })
      assert.equal(statuses, ['numbered changed', 'file changed'])
      assert.match(JSON.stringify(finished[1]?.changes), 'not known yet: chosen by the host')
    })
    test('an unknown put into a file that exists makes its change a may', async () => {
      await using rig = await EngineRig.make()
      await writeFile(rig.path('f'), 'number 42\n')
      const { statuses, finished } = await rig.check(async (host) => {
        const { number } = await host.ensure(numbered(rig)({ name: 'n' }))
        await host.ensure(file({ path: rig.path('f'), content: `number ${number}\n` }))
      })
      assert.equal(statuses, ['numbered changed', 'file may'])
      assert.is(finished[1]?.reason, 'chosen by the host')
    })
    test('a decision on an unknown ends the prediction with the reason, and is no failure', async () => {
      await using rig = await EngineRig.make()
      const { statuses, end } = await rig.check(async (host) => {
        const { number } = await host.ensure(numbered(rig)({ name: 'n' }))
        if ((number ?? 0) + 1 > 40) await host.ensure(file({ path: rig.path('f'), content: 'x' }))
      })
      assert.equal(statuses, ['numbered changed'])
      assert.equal(end, { status: 'predicted', reason: 'chosen by the host' })
    })
    test('after a package is predicted, what is absent is unknown: a line in its configuration is a may', async () => {
      await using rig = await EngineRig.make()
      const body = async (host: Host) => {
        await host.ensure(opaque(rig)({ name: 'web' }))
        await host.ensure(line({ path: rig.path('web.conf'), line: 'mine' }))
      }
      const predicted = await rig.check(body)
      assert.equal(predicted.statuses, ['package changed', 'line may'])
      assert.match(predicted.finished[1]?.reason ?? '', 'package web')
      const made = await rig.run(body)
      assert.equal(made.statuses, ['package changed', 'line changed'])
      assert.is(await readFile(rig.path('web.conf'), 'utf8'), 'shipped\nmine\n')
    })
    test('a list is cut where a package may bring what the next item edits', async () => {
      await using rig = await EngineRig.make()
      const { statuses, end } = await rig.run((host) =>
        host.ensure([opaque(rig)({ name: 'web' }), line({ path: rig.path('web.conf'), line: 'mine' })]),
      )
      assert.equal(end.status === 'failed' ? end.error : end.status, 'ok')
      assert.equal(statuses, ['package changed', 'line changed'])
      assert.is(await readFile(rig.path('web.conf'), 'utf8'), 'shipped\nmine\n')
    })
    test('reading an uncertain `changed` makes what follows a may', async () => {
      await using rig = await EngineRig.make()
      await writeFile(rig.path('f'), 'x')
      const { statuses } = await rig.check(async (host) => {
        const { number } = await host.ensure(numbered(rig)({ name: 'n' }))
        const written = await host.ensure(file({ path: rig.path('f'), content: `${number}` }))
        await host.ensure(file({ path: rig.path('certain'), content: 'x' }))
        if (written.changed) await host.ensure(file({ path: rig.path('g'), content: 'x' }))
      })
      assert.equal(statuses, ['numbered changed', 'file may', 'file changed', 'file may'])
    })
    test('a question after a predicted change makes what follows a may, unless it says what it depends on', async () => {
      await using rig = await EngineRig.make()
      const body = (touches: readonly string[] | undefined) => async (host: Host) => {
        await host.ensure(file({ path: rig.path('f'), content: 'x' }))
        const kernel = await host.read(touches === undefined ? {} : { touches })`uname -r`.text()
        await host.ensure(file({ path: rig.path('g'), content: kernel }))
      }
      assert.equal((await rig.check(body(undefined))).statuses, ['file changed', 'read ok', 'file may'])
      assert.equal((await rig.check(body([]))).statuses, ['file changed', 'read ok', 'file changed'])
    })
    test('a question about a file that is predicted to change is unknown, and its text can be carried', async () => {
      await using rig = await EngineRig.make()
      const { statuses, finished } = await rig.check(async (host) => {
        await host.ensure(file({ path: rig.path('f'), content: 'x' }))
        const text = await host.read({ touches: [rig.path('f')] })`cat ${rig.path('f')}`
        await host.ensure(file({ path: rig.path('g'), content: text.stdout }))
      })
      assert.equal(statuses, ['file changed', 'read ok', 'file changed'])
      assert.match(JSON.stringify(finished[2]?.changes), 'not known yet')
    })
    test('a question that fails before its change is made is unknown, not a failure', async () => {
      await using rig = await EngineRig.make()
      const { end } = await rig.check(async (host) => {
        await host.command({ creates: rig.path('tool') })`make-tool`
        const { code } = await host.read`${rig.path('tool')} --version`
        return code
      })
      assert.is(end.status, 'predicted')
    })
    test('a question about what a skipped command makes is unknown, and its text can be carried', async () => {
      await using rig = await EngineRig.make()
      const { statuses, end } = await rig.check(async (host) => {
        await host.command({ creates: rig.path('index') })`echo 2 > ${rig.path('index')}`
        const { stdout } = await host.read({ touches: [rig.path('index')] })`cat ${rig.path('index')}`
        await host.ensure(file({ path: rig.path('report'), content: `${stdout} lines` }))
        await host.command({ unless: 'false' })`echo seeded > ${rig.path('state')}`
        await host.read({ touches: [rig.path('state')] })`cat ${rig.path('state')}`
      })
      assert.is(end.status, 'ok')
      assert.equal(statuses, ['command changed', 'read ok', 'file may', 'command may', 'read ok'])
    })

    test('a question that depends on nothing, and fails, is a failure after a skipped command too', async () => {
      await using rig = await EngineRig.make()
      const { statuses } = await rig.check(async (host) => {
        await host.command({ everyTime: true })`true`
        await host.read({ touches: [] })`false`
      })
      assert.equal(statuses, ['command changed', 'read failed'])
    })

    test('a command that a skipped command may have made needless is a may', async () => {
      await using rig = await EngineRig.make()
      const { statuses } = await rig.check(async (host) => {
        await host.command({ everyTime: true })`install-everything`
        await host.command({ creates: rig.path('x') })`touch ${rig.path('x')}`
      })
      assert.equal(statuses, ['command changed', 'command may'])
    })
  },
  20_000,
)
