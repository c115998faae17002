import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aptRepository, type AptRepository } from '../helpers/apt-repository.ts'
import { broken, outcomes, possible, recap, shown } from '../helpers/outcomes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { type Lab, labHosts } from '../lab/lab.ts'
import { servers } from './servers.ts'

const site = fileURLToPath(new URL('site.ts', import.meta.url))

/** The lab's own, and where its hosts find the repository and its key. */
const inventory = (lab: Lab, { port, key }: AptRepository) =>
  `${lab.inventoryYaml()}        repository: http://10.67.0.1:${port}/\n        key: ${JSON.stringify(key)}\n`

suite(
  'blank hosts',
  (test) => {
    test('become servers by sixty mixed operations, foreseen one by one, and a second run changes nothing', async () => {
      await using lab = await labHosts(3)
      await using repository = await aptRepository(servers)
      await using folder = await temporaryFolder()
      // Debian's own lists take longer to read than all the rest.
      for (const host of lab.hosts) await host.inside('rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*')
      await writeFile(join(folder.path, 'hosts.yaml'), inventory(lab, repository))
      const options = { cwd: folder.path, home: lab.clientHome, limitMs: 500_000 }
      const args = [site, '-i', 'hosts.yaml', '--output', 'json']

      const plan = await tsplay(['plan', ...args], options)
      assert.is(plan.code, 0, shown(plan))
      const foreseen = outcomes(plan)
      for (const host of lab.hosts) assert.is(await host.inside('ls /srv; id -u app 2>/dev/null || true'), '')

      const run = await tsplay(['run', ...args], options)
      assert.is(run.code, 0, shown(run))
      const made = outcomes(run)
      assert.ok(made.size >= 180, `${made.size} operations on three hosts`)
      assert.equal(broken(foreseen, made), [])
      const may = possible(foreseen)
      assert.ok(may.length <= foreseen.size * 0.1, `${may.length} of ${foreseen.size}:\n${may.join('\n')}`)

      for (const host of lab.hosts) {
        assert.is(await host.inside('systemctl is-active greeter mailer app sweep.timer'), 'active\n'.repeat(4))
        assert.is(await host.inside('hello --greeting'), 'welcome\n')
        assert.is(await host.inside('cat /srv/app/data/report'), '2 lines\n')
        assert.is(await host.inside('findmnt -no FSTYPE /srv/cache'), 'tmpfs\n')
      }

      const second = await tsplay(['run', ...args], options)
      assert.is(second.code, 0, shown(second))
      assert.is(Object.keys(recap(second)).length, 3)
      for (const [host, { changed, failed }] of Object.entries(recap(second))) {
        assert.equal({ host, changed, failed }, { host, changed: 0, failed: 0 })
      }
      const texts = [plan, run, second].map(({ stdout, stderr }) => stdout + stderr)
      assert.not.match(texts.join(''), 't0ps3cret')
    })
  },
  1_200_000,
)
