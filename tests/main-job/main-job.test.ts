import { rm } from 'node:fs/promises'
import { broken, outcomes, recap, shown } from '../helpers/outcomes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { countedRun } from './counted-run.ts'
import { type Stage, stage } from './stage.ts'

const options = (at: Stage) => ({ cwd: at.folder, home: at.home, limitMs: 300_000 })

suite(
  'the main job',
  (test) => {
    test('is foretold, made, made only once, in as few round trips as it takes, by an unprivileged user with sudo on eight hosts', async () => {
      await using at = await stage()
      const args = [at.site, '-i', 'hosts.yaml', '--output', 'json']

      const plan = await tsplay(['plan', ...args], options(at))
      assert.is(plan.code, 0, shown(plan))
      const before = outcomes(plan)
      for (const host of at.lab.hosts) assert.is(await host.inside('ls /srv'), '', 'plan writes nothing')
      await counted(at, 1)

      const first = await tsplay(['run', ...args], options(at))
      assert.is(first.code, 0, shown(first))
      assert.equal(broken(before, outcomes(first)), [])
      const may = [...before.values()].filter(({ status }) => status === 'may')
      assert.ok(may.length <= before.size * 0.15, `${may.length} of ${before.size} operations are only a may`)
      // On the rig, where no package is installed, all but guarded commands is certain.
      assert.equal(
        may.filter(({ host, kind }) => host.startsWith('h') && kind !== 'command').map(({ id }) => id),
        [],
      )
      await counted(at, 2)

      const second = await tsplay(['run', ...args], options(at))
      assert.is(second.code, 0, shown(second))
      assert.equal(Object.keys(recap(second)).toSorted(), [...at.hosts].toSorted())
      for (const [host, counts] of Object.entries(recap(second))) {
        assert.is(counts.changed, 0, `${host} was changed again`)
        assert.is(counts.failed + counts.unreachable + counts.skipped + counts.notRun, 0, host)
      }
      await counted(at, 3)

      const after = await tsplay(['plan', ...args], options(at))
      assert.is(after.code, 0, shown(after))
      const left = [...outcomes(after).values()].filter(({ status }) => status !== 'ok')
      // Whether a command that runs every time changes something, only its result can tell.
      assert.equal([...new Set(left.map(({ kind, id, status }) => `${kind} ${id}: ${status}`))], ['command true: may'])

      const unchanged = await countedRun(at)
      assert.equal(
        Object.fromEntries(unchanged.roundTrips),
        Object.fromEntries(at.hosts.map((it) => [it, awaited(it)])),
      )
      for (const { name } of at.rig.hosts) await rm(`${at.rig.folder}/${name}/job`, { recursive: true })
      for (const host of at.lab.hosts) await host.inside('rm -r /srv/job')
      const again = await countedRun(at)
      for (const host of at.hosts) {
        const roundTrips = again.roundTrips.get(host) ?? Infinity
        const changed = again.changed.get(host) ?? 0
        assert.ok(changed > 20, `${host}: only ${changed} changes`)
        assert.ok(roundTrips <= awaited(host) + changed, `${host}: ${roundTrips} round trips, ${changed} changes`)
      }
      const text = [plan, first, second, after].map(({ stdout, stderr }) => stdout + stderr).join('')
      assert.not.match(text, 's3cr3t')
    })
  },
  600_000,
)

/** How many operations the main job awaits on a host, a list counted as one: so many round trips when nothing changes. */
const awaited = (host: string) => 30 + (host.startsWith('lab') ? 12 : 0) + 1 + (host === 'lab1' ? 1 : 0)

/** Each run opens one session per host and user, and asks sudo once where that is not who logs in. */
async function counted({ rig, lab }: Stage, runs: number): Promise<void> {
  for (const host of rig.hosts) assert.is(await host.sessions(), 2 * runs, `${host.name}: root, and who logs in`)
  assert.is((await rig.sudoCalls()).length, rig.hosts.length * runs)
  for (const host of lab.hosts) {
    assert.is(await host.sessions(), 2 * runs, `${host.name}: root, and who logs in`)
    assert.is((await host.sudoCalls()).length, runs)
  }
}
