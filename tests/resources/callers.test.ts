import type { Host } from '../../runner/model/host.ts'
import { packages } from '../../tasks/packages/packages.ts'
import { assert, suite } from '../helpers/suite.ts'
import { labProblem } from '../lab/folder.ts'
import { debianPlace } from './debian.ts'
import { differing, snapshot } from './snapshot.ts'
import { rows } from './rows.ts'
import { trial } from './trial.ts'

/** What has to be told to somebody who is not root: that they are not, or that it is denied. */
const clear = /ermission denied|become root|only root|may not write/

/** Takes a lock as dpkg does (fcntl(2)), for some seconds. */
const lock = (file: string, seconds: number) => `touch ${file}
systemd-run -q --collect --unit=holder perl -MFcntl -e 'open F, "+<", "${file}"; fcntl(F, F_SETLK, pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0 * time)) or die; sleep ${seconds}'
sleep 0.5`

suite(
  'resources for those who ask in vain',
  (test) => {
    test('a caller who is not root gets an error that says so, and nothing is changed', async () => {
      await using place = await debianPlace()
      for (const { resource, cases, places, slow } of rows) {
        // fetch changes nothing of the host's: whoever may read a file may have it.
        if (resource === 'fetch' || slow !== undefined || (places !== undefined && !places.includes('debian'))) continue
        const [one] = cases.filter(({ notOn }) => notOn?.debian === undefined)
        if (one === undefined) continue
        await place.inside(one.prepare ?? 'true')
        const before = await snapshot(place)
        const { error } = await trial(place, (host) => host.ensure(one.make()), { user: 'deploy' })
        const hint = (error as { hint?: string } | undefined)?.hint ?? ''
        if (!clear.test(`${String(error)} ${hint}`)) assert.unreachable(`${resource}: ${String(error)} ${hint}`)
        // A record of a step in the caller's own home is no change of the host's.
        const written = differing(before, await snapshot(place)).filter((path) => !path.startsWith('/home/deploy'))
        assert.equal(written, [], resource)
        await place.inside(one.reset)
      }
    })
    test('a lock of the package database is waited for, and its holder is named, also when it lasts too long', async () => {
      await using place = await debianPlace()
      const held = (at: Host) => at.ensure(packages({ names: 'curl', hold: true, lockTimeoutMs: 20_000 }))
      const short = (at: Host) => at.ensure(packages({ names: 'curl', hold: false, lockTimeoutMs: 1000 }))
      for (const name of ['/var/lib/dpkg/lock-frontend', '/var/lib/apt/lists/lock']) {
        await place.inside(lock(name, 8))
        const waited = await trial(place, held)
        assert.is(waited.error, undefined)
        assert.match(waited.output, /waiting for the package database, which is locked by perl \(process \d+\)/)
        await place.inside(lock(name, 300))
        const failed = await trial(place, short)
        assert.match(String(failed.error), /the package database is locked by perl \(process \d+\), for more than 1 s/)
        await place.inside('systemctl stop holder')
        assert.is((await trial(place, short)).error, undefined)
      }
    })
  },
  { timeoutMs: 300_000, skip: await labProblem() },
)
