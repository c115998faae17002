import { file } from '../../../tasks/files/file.ts'
import { reboot } from '../../../tasks/system/reboot.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { labProblem } from '../../lab/folder.ts'
import { labHosts } from '../../lab/lab.ts'
import { trial } from '../lab-trial.ts'

suite(
  'a reboot',
  (test) => {
    test('is waited for, and the run goes on; it is foreseen, and left out where none is due', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const [host] = lab.hosts
      assert.ok(host)
      const bootId = () => host.inside('cat /proc/sys/kernel/random/boot_id')
      const first = await bootId()
      const due = { onlyIf: 'test -e /etc/reboot-due' }

      const notDue = await trial(host, (it) => reboot(it, due))
      assert.equal(notDue.statuses, ['command ok'])
      await host.inside('touch /etc/reboot-due')
      const foreseen = await trial(host, (it) => reboot(it, due), { check: true })
      assert.equal(foreseen.statuses, ['command changed'])
      assert.is(await bootId(), first)

      const seen: string[] = []
      const made = await trial(host, async (it) => {
        await it.ensure(file({ path: '/etc/before', content: 'x\n' }))
        await reboot(it, due)
        await it.ensure(file({ path: '/etc/after', content: 'x\n' }))
        seen.push(await it.read({ touches: [] })`cat /proc/sys/kernel/random/boot_id`.text())
      })
      assert.is(made.error, undefined)
      assert.equal(made.statuses, ['file changed', 'command changed', 'file changed', 'read ok'])
      assert.is.not(seen[0], first.trim())
      assert.is(await host.inside('cat /etc/after'), 'x\n')
    })
    test('is refused to whoever is not root', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const [host] = lab.hosts
      assert.ok(host)
      const { error } = await trial(host, (it) => reboot(it.as('deploy')))
      assert.match(String(error), 'only root can reboot a host')
    })
  },
  { timeoutMs: 300_000, skip: await labProblem() },
)
