import { writeFile } from 'node:fs/promises'
import { sshdRig, type SshdRig, type SshdRigOptions } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { tsplay } from '../helpers/tsplay.ts'

async function examined(rig: SshdRig, host: string, home = rig.clientHome) {
  const file = `${rig.folder}/hosts.yaml`
  await writeFile(file, rig.inventoryYaml())
  const config = `Host 127.*\n  UserKnownHostsFile ${rig.knownHosts}\n  ConnectTimeout 7\n`
  await writeFile(`${rig.clientHome}/.ssh/config`, config)
  return tsplay(['doctor', host, '-i', file], { cwd: rig.folder, home })
}

suite(
  'tsplay doctor',
  (test) => {
    test('shows the way, the keys, the algorithms, the round trip, the shell, the tools and sudo', async () => {
      await using rig = await sshdRig({ sudo: 'nopasswd' })
      const [host] = rig.hosts
      assert.ok(host)
      const { code, stdout, stderr } = await examined(rig, 'h1')
      assert.is(code, 0, stdout + stderr)
      for (const said of [
        '.ssh/config line 1: 127.*',
        `${rig.user} at [${host.address}]:${host.port}`,
        'way          direct',
        'client       ssh2',
        `known: ED25519 key SHA256:`,
        `${rig.keyFile} ssh-ed25519 SHA256:`,
        'curve25519-sha256',
        'ms for a command',
        '/bin/sh logs in',
        'tools        all there',
        '/usr/bin/sudo makes root without a password',
      ]) {
        assert.match(stdout, said, stdout)
      }
      assert.not.match(stdout, '->')
    })

    test("each setting is shown with who says so: the inventory, a line of ssh's configuration, or nobody", async () => {
      await using rig = await sshdRig({ user: 'root' })
      const { stdout } = await examined(rig, 'h1')
      const config = `${rig.clientHome}/.ssh/config`
      for (const said of [
        `Port ${rig.hosts[0]?.port} (inventory or command line)`,
        `UserKnownHostsFile ${rig.knownHosts} (${config} line 2)`,
        `ConnectTimeout 7 s (${config} line 3)`,
        'StrictHostKeyChecking refuse (default)',
      ]) {
        assert.match(stdout, said, stdout)
      }
    })

    const remedied = (title: string, options: SshdRigOptions, found: RegExp, remedy: RegExp, wanted: number) =>
      test(title, async () => {
        await using rig = await sshdRig(options)
        const { code, stdout } = await examined(rig, 'h1')
        assert.is(code, wanted, stdout)
        assert.match(stdout, found, stdout)
        assert.match(stdout, remedy, stdout)
      })

    remedied(
      'asks nobody for a password where there is no terminal',
      { sudo: 'password', password: 'secret' },
      /sudo wants a password/,
      /-> give it with -K/,
      0,
    )
    test('names a login shell that is slow to start, and what it reads', async () => {
      await using rig = await sshdRig({ shell: '/bin/bash' })
      await writeFile(`${rig.home}/.bashrc`, 'sleep 2\n')
      const { code, stdout } = await examined(rig, 'h1')
      assert.is(code, 0, stdout)
      assert.match(stdout, /shell start +\/bin\/bash takes \d+\.\d s until it runs anything/, stdout)
      assert.match(stdout, '-> see what /etc/bash.bashrc and ~/.bashrc run', stdout)
    })

    remedied(
      'names an account without a shell',
      { shell: '/usr/sbin/nologin' },
      /login shell ended/,
      /getent passwd/,
      1,
    )

    test('says what to do about a host that is not trusted yet, and one that is down', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root' })
      await writeFile(rig.knownHosts, '')
      const strange = await examined(rig, 'h1')
      assert.is(strange.code, 3, strange.stdout)
      assert.match(strange.stdout, '-> tsplay trust h1')
      rig.hosts[1]?.stopListening()
      const down = await examined(rig, 'h2')
      assert.is(down.code, 3)
      assert.match(down.stdout, /connection refused[^]*-> No SSH server listens there/)
    })
  },
  60_000,
)
