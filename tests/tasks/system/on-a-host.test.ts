import { restart } from '../../../runner/model/trigger.ts'
import type { Host } from '../../../runner/model/host.ts'
import { Secret } from '../../../runner/model/secret.ts'
import { file } from '../../../tasks/files/file.ts'
import { authorizedKey } from '../../../tasks/system/authorized-key.ts'
import { group } from '../../../tasks/system/group.ts'
import { service } from '../../../tasks/system/service.ts'
import { sysctl } from '../../../tasks/system/sysctl.ts'
import { user } from '../../../tasks/system/user.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { type LabHost, labHosts } from '../../lab/lab.ts'
import { trial } from '../lab-trial.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFwTkUjzU1mmwPe9cuv5YtAzFwXs1uUJmsJYfmGhAL1B kim@desk'
const unitFile = (command: string, restartSeconds = 1) =>
  `[Service]\nExecStart=${command}\nRestart=always\nRestartSec=${restartSeconds}\n[Install]\nWantedBy=multi-user.target\n`

async function account(host: Host): Promise<void> {
  await host.ensure(group({ name: 'web' }))
  const hash = new Secret('$6$abcdefgh$notarealhash')
  await host.ensure(user({ name: 'kim', groups: ['web'], shell: '/bin/bash', comment: "Kim's", passwordHash: hash }))
  await host.ensure(authorizedKey({ user: 'kim', key, options: 'no-pty,from="10.0.0.0/8"' }))
  await host.ensure(sysctl({ name: '60-test', values: { 'net.ipv4.ip_local_port_range': '32000 60000' } }))
}

suite(
  'users, keys, services and kernel parameters on a host',
  (test) => {
    test('all of an account is predicted, made, and left alone the second time', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const predicted = await trial(host, account, { check: true })
      assert.is(predicted.error, undefined)
      assert.is((await host.inside('getent passwd kim || true')).trim(), '')
      const made = await trial(host, account)
      assert.is(made.error, undefined)
      assert.equal(predicted.statuses, ['group changed', 'user changed', 'authorized-key changed', 'sysctl changed'])
      assert.equal(
        predicted.finished.map(({ changes }) => changes),
        made.finished.map(({ changes }) => changes),
      )
      assert.is(
        (await host.inside('stat -c "%U %a" /home/kim/.ssh /home/kim/.ssh/authorized_keys')).trim(),
        'kim 700\nkim 600',
      )
      const again = await trial(host, account)
      assert.equal(again.statuses, ['group ok', 'user ok', 'authorized-key ok', 'sysctl ok'])
      await host.inside('usermod -s /bin/sh kim; rm -r /home/kim; gpasswd -d kim web')
      const drift = await trial(host, account)
      assert.equal(drift.finished[1]?.changes, [
        { field: 'shell', before: '/bin/sh', after: '/bin/bash' },
        { field: 'groups', before: [], after: ['web'] },
        { field: 'home directory', before: 'missing', after: 'present' },
      ])
      assert.is((await host.inside('stat -c %U /home/kim/.bashrc')).trim(), 'kim')
    })
    test('a due restart is done once, in place of a start, and a unit that an admin stopped is not started', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      await host.inside(
        `printf '${unitFile('/bin/sleep infinity').replaceAll('\n', '\\n')}' >/etc/systemd/system/nap.service`,
      )
      const up = (at: Host) => at.ensure(service({ name: 'nap', running: true, enabled: true }))
      const first = await trial(host, up)
      assert.is(first.error, undefined)
      assert.equal((await trial(host, up)).statuses, ['service ok'])
      const change = (content: string) => async (at: Host) => {
        await at.ensure(file({ path: '/etc/nap.conf', content }), { onChange: restart('nap') })
        await up(at)
      }
      const restarted = await trial(host, change('1'))
      assert.equal(restarted.statuses, ['file changed', 'service changed'])
      assert.equal(restarted.finished[1]?.changes, [{ field: 'restart', before: undefined, after: true }])
      assert.equal((await trial(host, change('1'))).statuses, ['file ok', 'service ok'])
      await host.inside('systemctl stop nap')
      const alone = await trial(host, (at) =>
        at.ensure(file({ path: '/etc/nap.conf', content: '2' }), { onChange: restart('nap') }),
      )
      assert.equal(alone.statuses, ['file changed'])
      assert.is((await host.inside('systemctl is-active nap || true')).trim(), 'inactive')
    })
    test('a unit that starts again and again is an error with the end of its journal, in every run', async () => {
      await using lab = await labHosts(1, { user: 'root' })
      const host = lab.hosts[0] as LabHost
      const command = `/bin/sh -c "echo the-reason-it-fails; exit 3"`
      await host.inside(`cat >/etc/systemd/system/loop.service <<'E'\n${unitFile(command, 30)}E`)
      const body = (at: Host) => at.ensure(service({ name: 'loop', running: true }))
      // A journald that is late, until it is asked to catch up: what the unit said is in the error all the same.
      await host.inside(`kill -STOP $(systemctl show -p MainPID --value systemd-journald)
(i=0; until pgrep -xf 'journalctl --sync' || [ "$i" = 600 ]; do i=$((i+1)); sleep 0.1; done
kill -CONT $(systemctl show -p MainPID --value systemd-journald)) >/dev/null 2>&1 &`)
      for (let run = 0; run < 2; run++) {
        const { error } = await trial(host, body)
        assert.match(String((error as { stderr?: string }).stderr), 'the-reason-it-fails')
      }
      assert.match(
        String((await trial(host, (at) => at.ensure(service({ name: 'nosuch', running: true })))).error),
        'no such unit',
      )
    })
  },
  120_000,
)
