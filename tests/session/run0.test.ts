import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TsplayError } from '../../runner/model/errors.ts'
import { openSession, type SessionOptions } from '../../runner/session/open.ts'
import { assert, skip, suite } from '../helpers/suite.ts'
import { labFolder } from '../lab/folder.ts'
import { labHosts } from '../lab/lab.ts'
import { dialed } from '../transport/attempt.ts'

/** polkit asks no password of `deploy` for what run0 does. */
const rule = `polkit.addRule(function (action, subject) {
  if (action.id.indexOf("org.freedesktop.systemd1.") == 0 && subject.user == "deploy") return polkit.Result.YES
})`

suite(
  'run0 of systemd 257',
  (test) => {
    test('becomes another user by a rule of polkit, and says what is missing without one', async () => {
      // It takes minutes to make, which a run of all tests does not have.
      if (!existsSync(join(labFolder(), 'base-trixie.done'))) skip('npm run lab -- base trixie makes what it needs')
      await using lab = await labHosts(1, { release: 'trixie' })
      const [host] = lab.hosts
      assert.ok(host)
      const who = (options: SessionOptions) =>
        dialed(host.target, async (connection) => {
          const session = await openSession(connection, { becomeMethod: 'run0', readyTimeoutMs: 60_000, ...options })
          const path = await session.upload('/tmp/run0', Buffer.from('content'))
          const { stdout } = await session.run({ script: `id -un; stat -c %U:%a ${path}; cat ${path}; rm ${path}` })
          await session.close()
          return String(stdout)
        })
      // A host that has just booted may not have come to it.
      await host.inside('systemctl start polkit')
      const refused = await who({ become: 'root' }).catch((error: unknown) => error)
      assert.instance(refused, TsplayError)
      assert.match((refused as TsplayError).message, 'run0 is not allowed without a password')
      await host.inside(
        `mkdir -p /etc/polkit-1/rules.d; echo '${rule}' >/etc/polkit-1/rules.d/10-lab.rules; systemctl restart polkit`,
      )
      assert.is(await who({ become: 'root' }), 'root\nroot:600\ncontent')
      assert.is(await who({ become: 'ops' }), 'ops\nops:600\ncontent')
    })
  },
  300_000,
)
