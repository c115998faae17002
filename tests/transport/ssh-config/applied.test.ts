import { mkdir, writeFile } from 'node:fs/promises'
import type { Target } from '../../../runner/transport/target.ts'
import { sshdRig, type SshdRig } from '../../helpers/sshd.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { dialed, output, refusedBy } from '../attempt.ts'

/** The rig's first host, with a configuration in place of `none`. */
async function configured(rig: SshdRig, config: string): Promise<Target> {
  const file = `${rig.clientHome}/.ssh/config`
  await mkdir(`${rig.clientHome}/.ssh`, { recursive: true })
  await writeFile(file, config)
  const [target] = rig.targets
  assert.ok(target)
  return { ...target, sshConfig: file }
}

suite(
  "ssh's configuration, on real servers",
  (test) => {
    test('SetEnv reaches the commands of a host, by either client', async () => {
      await using rig = await sshdRig({ config: ['AcceptEnv STAGE COLOUR'] })
      const target = await configured(rig, 'Host *\n  SetEnv STAGE=test COLOUR="dark blue" OTHER=refused\n')
      for (const transport of ['ssh2', 'openssh'] as const) {
        const script = 'printf "%s|%s|%s" "$STAGE" "$COLOUR" "$OTHER"'
        const { stdout } = await dialed({ ...target, transport }, (connection) => output(connection, script))
        assert.is(stdout, 'test|dark blue|', transport)
      }
    })

    test('a way to log in that is turned off is not tried', async () => {
      await using rig = await sshdRig({ password: 'secret' })
      const { identityFiles: _named, ...target } = await configured(rig, 'PubkeyAuthentication no\n')
      const error = await refusedBy(target, { home: rig.clientHome })
      assert.is(error.stage, 'auth')
      assert.match(error.message, 'turns keys off')
      assert.not.match((await rig.hosts[0]?.log()) ?? '', /(?:Failed|Accepted) publickey/)
    })
  },
  30_000,
)
