import { setTimeout as sleep } from 'node:timers/promises'
import { unknown } from '../../runner/model/unknown.ts'
import { playbook } from '../../runner/model/playbook.ts'
import { PlayRig } from '../helpers/play-rig.ts'
import { assert, suite } from '../helpers/suite.ts'

const fail = (names: readonly string[]) => async (host: { readonly name: string }) => {
  if (names.includes(host.name)) throw new Error(`${host.name} is broken`)
}

suite(
  'plays',
  (test) => {
    test('plays are barriers, and hosts do not wait for each other within one', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const site = playbook('site')
      const order: string[] = []
      site.play('one', { hosts: 'all' }, async (host) => {
        if (host.name === 'h1') await sleep(100)
        order.push(`one ${host.name}`)
      })
      site.play('two', { hosts: 'all' }, async (host) => void order.push(`two ${host.name}`))
      await rig.run(site)
      assert.equal(order, ['one h2', 'one h1', 'two h1', 'two h2'])
    })
    test('a host that failed takes no part in later plays, and [0] does not slide to another', async () => {
      await using rig = await PlayRig.make()
      const site = playbook('site')
      site.play('prepare', { hosts: 'all' }, fail(['h1']))
      site.play('first', { hosts: 'all[0]' }, async () => {})
      site.play('rest', { hosts: 'all' }, async () => {})
      const { ends, skipped, finished } = await rig.run(site)
      assert.equal(ends.filter((end) => !end.startsWith('prepare')).toSorted(), [
        'rest/h2 ok',
        'rest/h3 ok',
        'rest/h4 ok',
      ])
      assert.equal(skipped, ['first: all of its hosts have failed before'])
      assert.is(finished.status, 'failed')
      assert.equal([finished.recap['h1']?.failed, finished.recap['h1']?.notRun], [1, 0])
    })
    test('exactly the share that may fail may fail', async () => {
      const hosts = Array.from({ length: 100 }, (_, i) => `n${i}`)
      await using rig = await PlayRig.make(hosts)
      for (const [failing, later] of [
        [7, 93],
        [8, 0],
      ] as const) {
        const site = playbook('site')
        site.play('one', { hosts: 'all', maxFailPercentage: 7 }, fail(hosts.slice(0, failing)))
        site.play('two', { hosts: 'all' }, async () => {})
        const { ends } = await rig.run(site)
        assert.is(ends.filter((end) => end.startsWith('two/')).length, later)
      }
    })
    test('the next batch is not begun when too many failed, and its hosts are counted as not run', async () => {
      await using rig = await PlayRig.make()
      const site = playbook('site')
      site.play('roll', { hosts: 'all', serial: 2, maxFailPercentage: 49 }, fail(['h1']))
      site.play('later', { hosts: 'all' }, async () => {})
      const { ends, skipped, finished } = await rig.run(site)
      assert.equal(ends.toSorted(), ['roll/h1 failed', 'roll/h2 ok'])
      assert.equal(skipped, ['later: 1 of 2 hosts failed in "roll", more than its 49 %'])
      const notRun = ['h1', 'h2', 'h3', 'h4'].map((host) => finished.recap[host]?.notRun)
      assert.equal(notRun, [0, 1, 2, 2])
    })
    test('where no host may fail, hosts that have not begun do not begin any more', async () => {
      await using rig = await PlayRig.make()
      const site = playbook('site')
      site.play('strict', { hosts: 'all', anyErrorsFatal: true }, fail(['h1']))
      const { ends, finished } = await rig.run(site, { forks: 1 })
      assert.equal(ends, ['strict/h1 failed'])
      assert.is(finished.recap['h4']?.notRun, 1)
    })
    test('a run ends with a play that fails on every host of it', async () => {
      await using rig = await PlayRig.make()
      const site = playbook('site')
      site.play('database', { hosts: 'h1' }, fail(['h1']))
      site.play('web', { hosts: 'h2' }, async () => {})
      const { ends, skipped } = await rig.run(site)
      assert.equal(ends, ['database/h1 failed'])
      assert.equal(skipped, ['web: every host failed in "database"'])
    })
    test('a play that can not be predicted to its end is no failure: later plays go on, as a may', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const site = playbook('site')
      site.play('one', { hosts: 'all', anyErrorsFatal: true }, async (host) => {
        const token = await host.run.effect('ask', async () => 5)
        if (host.name === 'h1' && token + 1 > 3) await host.command({ everyTime: true })`true`
      })
      site.play('two', { hosts: 'all' }, async (host) => void (await host.command({ everyTime: true })`true`))
      const { ends, finished, events } = await rig.run(site, { check: true })
      assert.equal(ends.toSorted(), ['one/h1 predicted', 'one/h2 ok', 'two/h1 ok', 'two/h2 ok'])
      assert.is(finished.status, 'ok')
      const commands = events.filter((event) => event.type === 'operation-finished')
      assert.equal(commands.map(({ host, status }) => `${host} ${status}`).toSorted(), ['h1 may', 'h2 changed'])
    })
    test('a need that could not be predicted is unknown to the plays that use it', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const site = playbook('site')
      const init = site.play('init', { hosts: 'all[0]' }, async (host) => {
        const port = await host.run.effect('ask', async () => 5)
        return { port: port + 1 }
      })
      site.play('join', { hosts: 'h2', needs: { init } }, async (host, given) => {
        await host.command({ everyTime: true })`join ${`${given.init.port}`}`
      })
      const { ends } = await rig.run(site, { check: true })
      assert.equal(ends, ['init/h1 predicted', 'join/h2 predicted'])
    })
    test('a single need is the result itself, several are a Map, and one that failed skips the play', async () => {
      await using rig = await PlayRig.make()
      const site = playbook('site')
      const first = site.play('first', { hosts: 'all[0]' }, async () => ({ token: 't' }))
      const some = site.play('some', { hosts: 'h2,h3' }, async (host) => {
        if (host.name === 'h3') throw new Error('no')
        return host.name
      })
      const given: unknown[] = []
      site.play('uses', { hosts: 'h4', needs: { first, some } }, async (_, needs) => void given.push(needs))
      const broken = site.play('broken', { hosts: 'h2,h4' }, async (host) => {
        if (host.name === 'h2') throw new Error('no')
        return 1
      })
      site.play('fine', { hosts: 'h1', needs: { broken } }, async (_, needs) => void given.push(needs.broken.size))
      const { finished } = await rig.run(site)
      assert.equal(given, [{ first: { token: 't' }, some: new Map([['h2', 'h2']]) }, 1])
      assert.is(finished.status, 'failed')
    })
    test('a needed play outside --limit is only read, and stops the run where it is not as asked', async () => {
      await using rig = await PlayRig.make()
      const make = (path: string) => {
        const site = playbook('site')
        const init = site.play('init', { hosts: 'h1' }, async (host) => {
          await host.command({ creates: path })`touch ${path}`
          return { from: host.name }
        })
        const copy = site.play('copy', { hosts: 'h1', needs: { init } }, async (_, given) => given.init.get('h1')?.from)
        site.play('join', { hosts: 'h2', needs: { copy } }, async (host, given) => {
          await host.command({ everyTime: true })`echo ${given.copy.get('h1') ?? 'nothing'}`
        })
        return site
      }
      const stopped = await rig.run(make(rig.path('absent')), { limit: 'h2' })
      assert.equal(stopped.ends, ['init/h1 ok'])
      assert.match(stopped.notices.join(), 'h1: not as "init" wants it, and outside --limit')
      assert.is(stopped.finished.status, 'failed')
      const fine = await rig.run(make('/etc'), { limit: 'h2' })
      assert.equal(fine.ends, ['init/h1 ok', 'copy/h1 ok', 'join/h2 ok'])
    })
    test('a needed play that --tags leave out is only read', async () => {
      await using rig = await PlayRig.make()
      const make = (path: string) => {
        const site = playbook('site')
        const init = site.play('init', { hosts: 'h1' }, async (host) => {
          await host.command({ creates: path })`touch ${path}`
          return { from: host.name }
        })
        site.play('join', { hosts: 'h2', needs: { init }, tags: ['join'] }, async () => {})
        return site
      }
      assert.equal((await rig.run(make('/etc'), { tags: ['join'] })).ends, ['init/h1 ok', 'join/h2 ok'])
      const stopped = await rig.run(make(rig.path('absent')), { tags: ['join'] })
      assert.equal(stopped.ends, ['init/h1 ok'])
      assert.match(stopped.notices.join(), 'h1: not as "init" wants it, and outside --tags')
    })
    test('what is only read gives no result that rests on something not done', async () => {
      await using rig = await PlayRig.make()
      const site = playbook('site')
      const init = site.play('init', { hosts: 'h1' }, async (host) => ({
        token: await host.run.once('token', () => host.run.effect('make token', async () => 'real')),
      }))
      site.play('join', { hosts: 'h2', needs: { init } }, async () => {})
      const { ends, finished } = await rig.run(site, { limit: 'h2' })
      assert.equal(ends, ['init/h1 ok'])
      assert.is(finished.status, 'failed')
    })
    test('a body may look at a host outside --limit, but not change it', async () => {
      await using rig = await PlayRig.make()
      for (const check of [false, true]) {
        const site = playbook('site')
        site.play('look', { hosts: 'h1' }, async (host) => void (await host.on('h2').read`true`))
        site.play('right', { hosts: 'h1' }, async (host) => {
          await host.on('h2').command({ creates: '/etc' })`false`
        })
        site.play('change', { hosts: 'h1' }, async (host) => {
          await host.on('h2').command({ creates: rig.path('made') })`touch ${rig.path('made')}`
        })
        const report = await rig.run(site, { limit: 'h1', check })
        const { ends } = report
        assert.equal(ends, ['look/h1 ok', 'right/h1 ok', 'change/h1 failed'])
        assert.match(report.of('change', 'h1').error?.message ?? '', 'h2 is outside --limit')
      }
    })
    test('hosts that add themselves to a file of another host do not lose one another', async () => {
      const hosts = Array.from({ length: 6 }, (_, i) => `n${i}`)
      await using rig = await PlayRig.make(hosts)
      const { line } = await import('../../tasks/files/line.ts')
      const { file } = await import('../../tasks/files/file.ts')
      const { readFile } = await import('node:fs/promises')
      const site = playbook('site')
      site.play('balancer', { hosts: 'n0' }, async (host) => {
        await host.ensure(file({ path: rig.path('pool'), content: 'pool\n' }))
      })
      site.play('join', { hosts: 'all' }, async (host) => {
        await host.on('n0').ensure(line({ path: rig.path('pool'), line: `server ${host.name}` }))
      })
      const { finished } = await rig.run(site)
      assert.is(finished.status, 'ok')
      assert.is((await readFile(rig.path('pool'), 'utf8')).split('\n').filter(Boolean).length, 7)
    })
    test('an error of a host that another body used names that host, and its own line', async () => {
      await using rig = await PlayRig.make(['h1', 'h2'])
      const site = playbook('site')
      site.play('one', { hosts: 'h1' }, async (host) => void host.on('h3'))
      const report = await rig.run(site)
      assert.match(report.of('one', 'h1').error?.message ?? '', 'the inventory has no such host')
      assert.match(report.of('one', 'h1').error?.at ?? '', /plays\.test\.ts:\d+:\d+$/)
    })
    test('two plays of one name, a batch that is no number and needs from elsewhere are refused where they are written', () => {
      const site = playbook('site')
      site.play('one', { hosts: 'all' }, async () => {})
      assert.throws(() => site.play('one', { hosts: 'all' }, async () => {}), /two plays named "one"/)
      for (const serial of [NaN, 0, -1, '0%', 'x%'] as never[]) {
        assert.throws(() => site.play(`s${String(serial)}`, { hosts: 'all', serial }, async () => {}), /serial/)
      }
      const other = playbook('other').play('elsewhere', { hosts: 'all' }, async () => {})
      assert.throws(() => site.play('two', { hosts: 'all', needs: { other } }, async () => {}), /"elsewhere"/)
      assert.throws(
        () => site.play('three', { hosts: 'all', maxFailPercentage: NaN }, async () => {}),
        /maxFailPercentage/,
      )
    })
    test('an unknown that nobody decided on is no plain result of a real run', async () => {
      await using rig = await PlayRig.make(['h1'])
      const site = playbook('site')
      site.play('one', { hosts: 'h1' }, async (host) => {
        await host.read`echo ${unknown<string>('nobody knows')}`
      })
      const report = await rig.run(site)
      assert.is(report.of('one', 'h1').status, 'failed')
    })
  },
  20_000,
)
