import { mkdir, writeFile } from 'node:fs/promises'
import type { Target } from '../../../runner/transport/target.ts'
import { relayAt } from '../../helpers/relay.ts'
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

    test('BindAddress is where the server sees the connection come from, by either client', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const target = await configured(rig, 'BindAddress 127.77.88.99\n')
      for (const transport of ['ssh2', 'openssh'] as const) {
        const { stdout } = await dialed({ ...target, transport }, (it) => output(it, 'echo "$SSH_CLIENT"'))
        assert.match(stdout, /^127\.77\.88\.99 /, transport)
      }
    })

    test('AddressFamily chooses among the addresses of a name, by either client', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const [host] = rig.hosts
      assert.ok(host)
      // Nothing listens at that port of the other family's address.
      using relay = await relayAt('127.0.0.1', host)
      const { port } = relay
      const knownHosts = [`[localhost]:${port} ${host.hostKey}`]
      for (const transport of ['ssh2', 'openssh'] as const) {
        const named = { address: 'localhost', port, knownHosts, transport }
        const four = { ...(await configured(rig, 'AddressFamily inet\n')), ...named }
        assert.is((await dialed(four, (it) => output(it, 'echo four'))).stdout, 'four\n')
        const six = { ...(await configured(rig, 'AddressFamily inet6\n')), ...named }
        const error = await refusedBy(six)
        assert.match(error.stage, /^(?:tcp|dns)$/, `${transport}: ${error.message}`)
        assert.not.match(error.message, '127.0.0.1')
      }
    })

    test('KnownHostsCommand is asked for the key of the host', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const target = await configured(rig, `KnownHostsCommand /bin/cat ${rig.knownHosts}\nUserKnownHostsFile none\n`)
      const { knownHosts: _none, ...asked } = target
      assert.is((await dialed(asked, (it) => output(it, 'echo known'))).stdout, 'known\n')
      const strange = await configured(rig, 'KnownHostsCommand /bin/true\nUserKnownHostsFile none\n')
      const error = await refusedBy({ ...asked, sshConfig: strange.sshConfig ?? '' })
      assert.is(error.stage, 'host-key', error.message)
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
