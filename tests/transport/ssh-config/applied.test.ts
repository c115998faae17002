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

    test('options of the inventory come before it, by either client: a proxy command, what is set, and files of host keys', async () => {
      await using rig = await sshdRig({ config: ['AcceptEnv STAGE'] })
      const { knownHosts: _pinned, ...target } = await configured(
        rig,
        'Host *\n  SetEnv STAGE=file\n  ProxyCommand false\n',
      )
      const sshOptions = [
        `ProxyCommand=${process.execPath} -e 'const s=net.connect(+process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)' %h %p`,
        'SetEnv=STAGE=option',
        `UserKnownHostsFile="${rig.knownHosts}"`,
      ]
      for (const transport of ['ssh2', 'openssh'] as const) {
        const { stdout } = await dialed({ ...target, sshOptions, transport }, (connection) =>
          output(connection, 'printf %s "$STAGE"'),
        )
        assert.is(stdout, 'option', transport)
      }
      for (const transport of ['ssh2', 'openssh'] as const) {
        const error = await refusedBy({ ...target, transport, sshOptions: ['NoSuch=1'] })
        assert.is(error.stage, 'config')
        assert.match(error.message, /[Bb]ad configuration option: nosuch/i)
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
