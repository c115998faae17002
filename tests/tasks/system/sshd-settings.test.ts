import type { CommandError } from '../../../runner/model/errors.ts'
import type { Host } from '../../../runner/model/host.ts'
import { reload } from '../../../runner/model/trigger.ts'
import { sshdSettings } from '../../../tasks/system/sshd/sshd-settings.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { labProblem } from '../../lab/folder.ts'
import { type LabHost, labHosts } from '../../lab/lab.ts'
import { trial } from '../lab-trial.ts'

const folder = '/etc/ssh/sshd_config.d'
const settings = { MaxAuthTries: 3, PermitRootLogin: 'prohibit-password', X11Forwarding: false }
const hardened = (host: Host) =>
  host.ensure(sshdSettings({ name: '50-hardening', settings }), { onChange: reload('ssh') })

suite(
  'settings of a real SSH server',
  (test) => {
    test('count for new logins; what another file has first, or sshd does not know, is refused, named and not written', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const effective = async () => (await host.inside('sshd -T | grep -E "^(maxauthtries|x11forwarding) "')).trim()
      await host.inside(`echo 'maxauthtries 9' >${folder}/10-others.conf`)
      for (const check of [true, false]) {
        const { error } = await trial(host, hardened, { check })
        assert.match(String(error), /MaxAuthTries is set otherwise in \/etc\/ssh\/sshd_config\.d\/10-others\.conf/)
      }
      const slip = await trial(host, (at) =>
        at.ensure(sshdSettings({ name: '50-slip', settings: { PermitRotLogin: false } })),
      )
      assert.match((slip.error as CommandError).stderr, /Bad configuration option: PermitRotLogin/)
      assert.is((await host.inside(`cd ${folder}; ls [0-9]*`)).trim(), '10-others.conf')
      // One that says the same in other words is in nobody's way, and neither is one that comes later.
      await host.inside(
        `cd ${folder}; echo 'PermitRootLogin without-password' >10-others.conf; echo 'MaxAuthTries 9' >60-later.conf`,
      )
      const made = await trial(host, hardened)
      assert.is(made.error, undefined)
      assert.is(await effective(), 'maxauthtries 3\nx11forwarding no')
      // The server reads it again while it lets the next session in.
      const again = await trial(host, hardened)
      assert.equal(again.statuses, ['sshd-settings ok'])
    })
  },
  { timeoutMs: 120_000, skip: await labProblem() },
)
