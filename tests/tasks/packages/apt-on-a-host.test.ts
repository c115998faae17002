import { packages } from '../../../tasks/packages/packages.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { type LabHost, labHosts } from '../../lab/lab.ts'
import { trial } from '../lab-trial.ts'

/** Waits for a dpkg that unpacks or configures, kills it, and says which it was. */
const killDpkg = (kind: 'unpack' | 'configure') => `n=0
while [ $n -lt 1500 ]; do
for d in /proc/[0-9]*; do
c=; read -r c 2>/dev/null <$d/comm
[ "$c" = dpkg ] || continue
case "$(tr '\\0' ' ' <$d/cmdline)" in *--${kind}*) kill -9 \${d#/proc/} && echo killed && exit 0;; esac
done
n=$((n+1)); sleep 0.01
done`

const audit = (host: LabHost) => host.inside('dpkg --audit; ls /var/lib/dpkg/updates')

suite(
  'packages on a Debian host',
  (test) => {
    for (const kind of ['unpack', 'configure'] as const) {
      test(`a dpkg killed while it does --${kind} is repaired by the next run`, async () => {
        await using lab = await labHosts(1, { user: 'root' })
        const host = lab.hosts[0] as LabHost
        const body = (at: Parameters<Parameters<typeof trial>[1]>[0]) => at.ensure(packages({ names: ['ed', 'cron'] }))
        const first = trial(host, body)
        assert.is((await host.inside(killDpkg(kind))).trim(), 'killed')
        assert.ok((await first).error, 'the run whose dpkg was killed fails')
        const second = await trial(host, body)
        assert.is(second.error, undefined)
        assert.equal(second.statuses, ['packages changed'])
        assert.is((await audit(host)).trim(), '')
        assert.equal((await trial(host, body)).statuses, ['packages ok'])
      })
    }
    test('what another installation left half-way is repaired, and an interrupted write of the database too', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const body = (at: Parameters<Parameters<typeof trial>[1]>[0]) => at.ensure(packages({ names: 'ed' }))
      assert.is((await trial(host, body)).error, undefined)
      await host.inside('cd /tmp && apt-get -qq download bc && dpkg --unpack bc_*.deb')
      await host.inside('dpkg-query -s ed | sed "/^$/d" >/var/lib/dpkg/updates/0001')
      const { error, finished } = await trial(host, body)
      assert.is(error, undefined)
      assert.equal(finished[0]?.changes, [{ field: 'broken packages', before: ['bc', 'journal'], after: [] }])
      assert.is((await audit(host)).trim(), '')
      assert.equal((await trial(host, body)).statuses, ['packages ok'])
    })
    test('holds, removal and purge are seen, made, and left alone the second time', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const states = [
        packages({ names: 'ed', hold: true }),
        packages({ names: 'ed', hold: false }),
        packages({ names: 'ed', state: 'absent' }),
        packages({ names: 'ed', state: 'purged' }),
      ]
      for (const wanted of states) {
        const predicted = await trial(host, (at) => at.ensure(wanted), { check: true })
        const made = await trial(host, (at) => at.ensure(wanted))
        assert.is(made.error, undefined)
        assert.equal(predicted.statuses, made.statuses)
        assert.equal(predicted.finished[0]?.changes, made.finished[0]?.changes)
        assert.equal((await trial(host, (at) => at.ensure(wanted))).statuses, ['packages ok'])
      }
      await trial(host, (at) => at.ensure(packages({ names: 'ed', hold: true })))
      await host.inside('apt-mark unhold ed')
      const drift = await trial(host, (at) => at.ensure(packages({ names: 'ed', hold: true })))
      assert.equal(drift.finished[0]?.changes, [{ field: 'hold', before: false, after: true }])
    })
  },
  240_000,
)
