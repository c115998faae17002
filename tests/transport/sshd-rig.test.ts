import { readFile, stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { createDialer } from '../../runner/transport/dial.ts'
import { sshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'

suite('sshd rig', (test) => {
  test('starts hosts that run commands as a new user, counts sessions and sudo calls, and leaves nothing', async () => {
    let user = ''
    let folder = ''
    {
      await using rig = await sshdRig({ hosts: 2 })
      ;({ user, folder } = rig)
      const dialer = createDialer()
      for (const target of rig.targets) {
        const connection = await dialer.dial(target)
        const channel = await connection.open('id -un; sudo -n id -un; echo oops >&2; exit 3')
        channel.stdin.end()
        const [out, err, exit] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.closed])
        assert.equal(out, `${rig.user}\nroot\n`)
        assert.match(err, 'oops')
        assert.equal(exit, { code: 3, signal: undefined, lost: false })
        await connection.close()
      }
      await dialer.close()
      assert.is(await rig.hosts[0]?.sessions(), 1)
      assert.is((await rig.sudoCalls()).length, 2)
    }
    assert.not.match(await readFile('/etc/passwd', 'utf8'), `${user}:`)
    assert.is(await stat(folder).catch(() => undefined), undefined)
  })
})
