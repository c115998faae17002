import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openSession } from '../../runner/session/open.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import type { Target } from '../../runner/transport/target.ts'
import { busyboxRoot } from '../helpers/busybox-root.ts'
import { podman } from '../helpers/podman.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assert, skip, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'

/** Puts a program before all others in the PATH for as long as it lives. */
async function standIn(folder: string, name: string, text: string): Promise<Disposable> {
  await writeFile(join(folder, name), `#!/bin/sh\n${text}`)
  await chmod(join(folder, name), 0o755)
  const before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${folder}:${before}`
  return {
    [Symbol.dispose]: () => {
      process.env['PATH'] = before
    },
  }
}

suite(
  'connections that are no SSH',
  (test) => {
    test('a folder with a system in it is entered by chroot, with commands, kills and uploads', async () => {
      await using folder = await temporaryFolder()
      const address = await busyboxRoot(folder.path)
      await dialed({ name: 'image', address, transport: 'chroot' }, async (connection) => {
        assert.is(connection.user, 'root')
        const session = await openSession(connection)
        assert.is(
          String((await session.run({ script: 'ls /; id -un' })).stdout),
          'bin\ndev\netc\nroot\nrun\ntmp\nroot\n',
        )
        assert.ok((await session.run({ script: 'sleep 30', timeoutMs: 100 })).timedOut)
        const path = await session.upload('/etc/motd', Buffer.from('within'))
        assert.is((await session.run({ script: `mv ${path} /etc/motd` })).code, 0)
        await session.close()
      })
      assert.is(await readFile(join(address, 'etc/motd'), 'utf8'), 'within')
      const user = await dialed({ name: 'image', address, transport: 'chroot', user: 'web' }, (it) =>
        output(it, 'id -u'),
      )
      assert.is(user.stdout, '1500\n')
    })

    test('a container of podman is entered by podman exec, with commands, kills, uploads and other users', async () => {
      await using folder = await temporaryFolder()
      await using machine = await podman()
      const address = await machine.run(await busyboxRoot(folder.path))
      using _real = await standIn(folder.path, 'podman', machine.program)
      await dialed({ name: 'box', address, transport: 'podman' }, async (connection) => {
        assert.is(connection.user, 'root')
        const session = await openSession(connection)
        const both = await session.run({ script: 'hostname; echo trouble >&2; exit 7' })
        assert.equal([both.code, String(both.stdout), String(both.stderr)], [7, 'within\n', 'trouble\n'])
        assert.ok((await session.run({ script: 'sleep 30', timeoutMs: 100 })).timedOut)
        const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 256))
        const path = await session.upload('/tmp/file', bytes)
        const { stdout } = await session.run({ script: `sha256sum <${path}; stat -c %a ${path}` })
        const digest = createHash('sha256').update(bytes).digest('hex')
        assert.is(String(stdout), `${digest}  -\n600\n`)
        await session.close()
      })
      const user = await dialed({ name: 'box', address, transport: 'podman', user: 'web' }, (it) => output(it, 'id -u'))
      assert.is(user.stdout, '1500\n')
      const error = await refusedBy({ name: 'none', address: 'no-such-container', transport: 'podman' })
      assert.match(error.message, 'podman can not enter it', error.message)
    })

    test('a whole Debian system is entered by chroot', async () => {
      const base = join(homedir(), '.cache/tsplay-lab/base')
      if (process.getuid?.() !== 0 || !existsSync(join(base, 'bin/sh'))) skip('the base of the lab is not there')
      await using folder = await temporaryFolder()
      const own = (name: string) => join(folder.path, name)
      for (const name of ['upper', 'work', 'root', 'space']) await mkdir(own(name))
      // An overlay can not lie on another one.
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', own('space')])
      try {
        for (const name of ['upper', 'work']) await mkdir(join(own('space'), name))
        const dirs = `lowerdir=${base},upperdir=${own('space')}/upper,workdir=${own('space')}/work`
        execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', dirs, own('root')])
        try {
          await dialed({ name: 'debian', address: own('root'), transport: 'chroot' }, async (connection) => {
            const session = await openSession(connection)
            const { stdout } = await session.run({
              script: 'dpkg-query -W -f "\\${Status}" dash; echo; touch /etc/here',
            })
            assert.is(String(stdout), 'install ok installed\n')
            await session.close()
          })
          assert.ok(existsSync(join(own('space'), 'upper/etc/here')))
          assert.not(existsSync(join(base, 'etc/here')))
        } finally {
          execFileSync('umount', [own('root')])
        }
      } finally {
        execFileSync('umount', [own('space')])
      }
    })

    const exec = (program: string, target: Omit<Target, 'transport'>, wanted: string) =>
      test(`${program} is told: ${wanted} (a stand-in that checks its arguments)`, async () => {
        await using folder = await temporaryFolder()
        const count = wanted.split(' ').length
        using _program = await standIn(
          folder.path,
          program,
          `set -- "$@"
given=; i=0; for word; do i=$((i+1)); [ "$i" -le ${count} ] && given="$given\${given:+ }$word"; done
[ "$given" = "${wanted}" ] || { echo "unexpected: $*" >&2; exit 2; }
echo "$given" >>${folder.path}/calls
shift ${count}
[ "$1 $2" = "/bin/sh -c" ] && [ $# = 3 ] || exit 3
exec "$@"
`,
        )
        await dialed({ ...target, transport: program as 'docker' }, async (connection) => {
          const session = await openSession(connection)
          for (let i = 0; i < 5; i++) {
            assert.is(String((await session.run({ script: `echo ${i}` })).stdout), `${i}\n`)
          }
          await session.close()
        })
        // One to look who we are, one for the session; none for a command.
        assert.is((await readFile(join(folder.path, 'calls'), 'utf8')).trim().split('\n').length, 2)
      })

    exec('docker', { name: 'web' }, 'exec -i web')
    exec('docker', { name: 'web', address: 'web_1', user: 'app' }, 'exec -i -u app web_1')
    exec('podman', { name: 'web' }, 'exec -i web')
    exec('kubectl', { name: 'web-0' }, 'exec -i web-0 --')
    exec('kubectl', { name: 'web', address: 'shop/web-0/app' }, 'exec -i -n shop web-0 -c app --')

    test('what is not there, and a name that is an option, are told', async () => {
      await using folder = await temporaryFolder()
      using _docker = await standIn(folder.path, 'docker', 'echo "Error: No such container: $3" >&2; exit 1\n')
      const gone = await refusedBy({ name: 'gone', transport: 'docker' })
      assert.match(gone.message, 'No such container: gone')
      assert.is((await refusedBy({ name: '--privileged', transport: 'docker' })).stage, 'config')
      assert.match((await refusedBy({ name: 'x', address: '/nonexistent', transport: 'chroot' })).message, 'chroot')
      const dialer = createDialer()
      const path = process.env['PATH']
      process.env['PATH'] = '/nonexistent'
      try {
        const error = await dialer.dial({ name: 'x', transport: 'podman' }).catch((it: Error) => it)
        assert.match(error instanceof Error ? error.message : '', 'podman can not be run on this machine')
      } finally {
        process.env['PATH'] = path
        await dialer.close()
      }
    })
  },
  30_000,
)
