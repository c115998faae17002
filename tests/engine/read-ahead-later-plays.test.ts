import { writeFileSync } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import type { Host } from '../../runner/model/host.ts'
import { type Playbook, playbook } from '../../runner/model/playbook.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { Recall } from '../../runner/engine/read-ahead/recall.ts'
import { directory } from '../../tasks/files/directory.ts'
import { file } from '../../tasks/files/file.ts'
import { observed } from '../../tasks/system/observed.ts'
import { memoryRecords } from '../helpers/memory-records.ts'
import { PlayRig, type PlaysOptions, type PlaysReport } from '../helpers/play-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

const limits = { lifetimeMs: 600_000, answerMs: 600_000 }

type Act = (host: Host) => Promise<unknown>

/** Three plays of which each wants a file of its own: `a`, `b` and `c`; `after` ends a play, `before` begins it. */
function three(rig: PlayRig, acts: { readonly [K in `${'before' | 'after'}${'A' | 'B' | 'C'}`]?: Act } = {}): Playbook {
  const site = playbook('site')
  for (const name of ['A', 'B', 'C'] as const) {
    site.play(name, { hosts: 'all' }, async (host) => {
      await acts[`before${name}`]?.(host)
      await host.ensure(file({ path: rig.path(name.toLowerCase()), content: `${name}\n` }))
      await acts[`after${name}`]?.(host)
    })
  }
  return site
}

const filesOf = ({ events }: PlaysReport) =>
  events.flatMap((it) => (it.type === 'operation-finished' && it.kind === 'file' ? [`${it.play} ${it.status}`] : []))

/** Runs the plays until they are as they want to be, then once more. */
async function settledRun(rig: PlayRig, site: Playbook, options: PlaysOptions = {}): Promise<PlaysReport> {
  const recall = new Recall(memoryRecords(), limits)
  await rig.run(site, { ...options, recall })
  return rig.run(site, { ...options, recall })
}

/** Until what is asked of the host ahead has been answered. */
const answered = (host: Host) => host.read`sleep 0.5`

type Acts = NonNullable<Parameters<typeof three>[1]>

/** Settled with plain plays, then meddled with once all was asked ahead: how the files of the last run ended. */
async function meddled(acts: (rig: PlayRig) => Acts): Promise<readonly string[]> {
  await using rig = await PlayRig.make(['h1'])
  const recall = new Recall(memoryRecords(), limits)
  const site = ({ afterA, ...others }: Acts) =>
    three(rig, {
      ...others,
      async afterA(host) {
        await answered(host)
        await afterA?.(host)
      },
    })
  for (const _ of [1, 2]) await rig.run(site({}), { recall })
  return filesOf(await rig.run(site(acts(rig)), { recall }))
}

suite(
  'read-ahead over plays',
  (test) => {
    test('what later plays ask first is asked behind the first question: two round trips, however many plays', async () => {
      await using rig = await PlayRig.make(['h1'])
      const report = await settledRun(rig, three(rig))
      assert.equal(filesOf(report), ['A ok', 'B ok', 'C ok'])
      assert.is(report.roundTrips, 2)
      const asked = report.events.flatMap((it) => (it.type === 'asked-ahead' ? [it.questions] : []))
      // Of two files and the folder that each is in.
      assert.equal(asked, [4])
    })
    test('a check asks it as well, and predicts over the answers what plays before it would have changed', async () => {
      await using rig = await PlayRig.make(['h1'])
      const recall = new Recall(memoryRecords(), limits)
      const site = playbook('site')
      const path = rig.path('a')
      site.play('A', { hosts: 'all' }, (host) => host.ensure(file({ path, content: 'one\n' })))
      site.play('B', { hosts: 'all' }, (host) => host.ensure(file({ path, content: 'one\n', mode: '0600' })))
      await rig.run(site, { recall })
      await rig.run(site, { recall })
      await writeFile(path, 'drift\n')
      const report = await rig.run(site, { recall, check: true })
      assert.equal(filesOf(report), ['A changed', 'B ok'])
      assert.is(await readFile(path, 'utf8'), 'drift\n')
    })
    test('what differs in a later play is found, asked anew and put right', async () => {
      await using rig = await PlayRig.make(['h1'])
      const recall = new Recall(memoryRecords(), limits)
      for (const _ of [1, 2]) await rig.run(three(rig), { recall })
      await writeFile(rig.path('b'), 'drift\n')
      const report = await rig.run(three(rig), { recall })
      assert.equal(filesOf(report), ['A ok', 'B changed', 'C ok'])
      assert.is(await readFile(rig.path('b'), 'utf8'), 'B\n')
    })
    test('what any host changes makes the answers of all of no use', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const recall = new Recall(memoryRecords(), limits)
      const site = (drift: boolean) => {
        const it = playbook('site')
        it.play('A', { hosts: 'h1' }, async (host) => {
          await host.ensure(file({ path: rig.path('a'), content: 'A' }))
          await answered(host)
        })
        it.play('Meddle', { hosts: 'h2' }, async (host) => {
          if (drift) await host.command({ everyTime: true })`echo drift > ${rig.path('b')}`
        })
        it.play('B', { hosts: 'h1' }, (host) => host.ensure(file({ path: rig.path('b'), content: 'B' })))
        return it
      }
      for (const _ of [1, 2]) await rig.run(site(false), { recall })
      const report = await rig.run(site(true), { recall })
      assert.is(filesOf(report).at(-1), 'B changed')
    })
    test('what something else changes while a body waits for it is seen by the plays after it, at its end as well', async () => {
      const drift = (rig: PlayRig) => async () => appendFile(rig.path('c'), 'drift\n')
      assert.equal(await meddled((rig) => ({ afterA: drift(rig) })), ['A ok', 'B ok', 'C changed'])
      assert.equal(await meddled((rig) => ({ beforeB: drift(rig) })), ['A ok', 'B ok', 'C changed'])
      assert.equal(await meddled((rig) => ({ beforeC: drift(rig) })), ['A ok', 'B ok', 'C changed'])
    })
    test('so is what an effect may have changed, however quick it was', async () => {
      const act = (rig: PlayRig) => (host: Host) =>
        host.run.effect('meddle', async () => {
          writeFileSync(rig.path('c'), 'drift\n')
          return {}
        })
      assert.equal(await meddled((rig) => ({ afterA: act(rig) })), ['A ok', 'B ok', 'C changed'])
    })
    test('what is answered from elsewhere, and may take its time, is not asked for later plays', async () => {
      await using rig = await PlayRig.make(['h1'])
      const recall = new Recall(memoryRecords(), limits)
      const go = rig.path('go')
      const site = playbook('site')
      site.play('A', { hosts: 'all' }, (host) => host.ensure(file({ path: rig.path('a'), content: 'A' })))
      site.play('B', { hosts: 'all' }, async (host) => {
        await host.ensure(file({ path: rig.path('b'), content: 'B' }))
        await host.read`: >${go}`
      })
      site.play('C', { hosts: 'all' }, (host) => host.ensure(observed(elsewhere(go))))
      await rig.run(site, { recall })
      await rig.run(site, { recall })
      await rig.clear('go')
      const report = await rig.run(site, { recall })
      assert.equal(report.ends, ['A/h1 ok', 'B/h1 ok', 'C/h1 ok'])
      // The first, what was asked ahead, the read, and that from elsewhere.
      assert.is(report.roundTrips, 4)
    })
    test('but it goes with an operation of an earlier play that has to wait for such an answer itself', async () => {
      await using rig = await PlayRig.make(['h1'])
      const recall = new Recall(memoryRecords(), limits)
      let said = ''
      const site = (between: Act = async () => {}) => {
        const it = playbook('site')
        it.play('A', { hosts: 'all' }, (host) => host.ensure(file({ path: rig.path('a'), content: 'A' })))
        it.play('B', { hosts: 'all' }, async (host) => {
          await host.ensure(observed(elsewhere(rig.path('a'))))
          await between(host)
        })
        it.play('C', { hosts: 'all' }, async (host) => {
          const { value } = await host.ensure(observed(elsewhere(rig.path('c'))))
          await host.ensure(file({ path: rig.path('b'), content: 'B' }))
          said = value
        })
        return it
      }
      await writeFile(rig.path('c'), '')
      for (const _ of [1, 2]) await rig.run(site(), { recall })
      const report = await rig.run(site(), { recall })
      assert.equal(report.ends, ['A/h1 ok', 'B/h1 ok', 'C/h1 ok'])
      // The first, what was asked ahead, and all that is from elsewhere.
      assert.is(report.roundTrips, 3)
      assert.is(said, 'there:')
      const meddle: Act = (host) => host.command({ everyTime: true })`echo other >${rig.path('c')}`
      await rig.run(site(meddle), { recall })
      assert.is(said, 'there: other')
    })
    test('a play whose questions have no room any more is asked for all of them at once, when its turn comes', async () => {
      await using rig = await PlayRig.make(['h1'])
      const recall = new Recall(memoryRecords(), limits)
      // Some 40 KB of questions for each play: two of them fill what a host is asked at once.
      const deep = Array.from({ length: 4 }, () => 'd'.repeat(250)).join('/')
      const site = playbook('site')
      for (const name of ['A', 'B', 'C', 'D']) {
        site.play(name, { hosts: 'all' }, async (host) => {
          await host.ensure(directory({ path: rig.path(`${name}/${deep}`) }))
          for (let i = 0; i < 12; i++) {
            await host.ensure(file({ path: rig.path(`${name}/${deep}/${i}`), content: 'x' }))
          }
        })
      }
      for (const _ of [1, 2]) await rig.run(site, { recall })
      const report = await rig.run(site, { recall })
      assert.equal([...new Set(filesOf(report))], ['A ok', 'B ok', 'C ok', 'D ok'])
      assert.ok(report.roundTrips <= 8, `${report.roundTrips} round trips`)
    })
    test('where hosts wait for their turn, nothing is asked for later plays', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const report = await settledRun(rig, three(rig), { forks: 1 })
      assert.is(report.roundTrips, 2 * 3)
    })
    test('a play is not answered for another host, nor as another user', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const site = playbook('site')
      site.play('A', { hosts: 'h1' }, (host) => host.ensure(file({ path: rig.path('a'), content: 'A' })))
      site.play('B', { hosts: 'h2' }, (host) => host.ensure(file({ path: rig.path('b'), content: 'B' })))
      assert.is((await settledRun(rig, site)).roundTrips, 2)
    })
  },
  240_000,
)

/** Waits until a file is there. */
const elsewhere = typed('test-elsewhere', (path: string): Probe<string> => ({
  fact: `elsewhere:${path}`,
  remote: true,
  script: `until [ -e ${quote(path)} ];do sleep 0.05;done;echo there: $(cat ${quote(path)})`,
  parse: (raw) => raw.trim(),
}))
