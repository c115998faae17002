import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { connect, type ConnectOptions } from '../../runner/connect.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import { file } from '../../tasks/files/file.ts'
import { eventually } from '../helpers/processes.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { tsplay } from '../helpers/tsplay.ts'

const run = promisify(execFile)

/** A host whose sudoers file names commands, as it is done where nobody may have a shell of root's. */
const rules = [
  'Cmnd_Alias OUR_OWN = /usr/bin/id -u, /usr/bin/cat /etc/shadow, /usr/bin/tee, /usr/bin/sleep 4244, /usr/bin/false',
  '%u ALL=(root) NOPASSWD: OUR_OWN',
  '%u ALL=(daemon) NOPASSWD: /usr/bin/id',
  '%u ALL=(root) /usr/bin/whoami',
]

const namedCommands = () => sshdRig({ sudo: 'listed', sudoers: rules, password: 'right' })

async function on(rig: SshdRig, act: (host: Host) => Promise<unknown>, options: ConnectOptions = {}): Promise<void> {
  const [target] = rig.targets
  assert.ok(target)
  await using host = await connect(target.address ?? '', {
    ...target,
    become: true,
    becomeMethod: 'sudo-per-command',
    ...options,
  })
  await act(host)
}

const refused = (promise: Promise<unknown>): Promise<TsplayError> =>
  promise.then(
    () => {
      throw new Error('it worked')
    },
    (error: unknown) => {
      if (error instanceof TsplayError) return error
      throw error
    },
  )

suite(
  'sudo that allows named commands alone',
  (test) => {
    test('runs each command and question by itself, as the user that is become', async () => {
      await using rig = await namedCommands()
      const target = `${rig.folder}/made`
      await on(rig, async (host) => {
        assert.is(await host.read`id -u`.text(), '0')
        assert.match(await host.read`  cat '/etc/shadow'\n`.text(), 'root:')
        assert.match(await host.as('daemon').read`id`.text(), '(daemon)')
        assert.is(await host.as(rig.user).read`id -un | cat`.text(), rig.user)
        const made = await host.command({ creates: target, stdin: 'it is here' })`tee ${target}`
        assert.equal([made.changed, made.stdout], [true, 'it is here'])
        const again = await host.command({ creates: target, stdin: 'it is here' })`tee ${target}`
        assert.is(again.changed, false)
        assert.is((await host.facts).os.id, 'debian')
        const failed = await refused(host.command({ everyTime: true })`false`)
        assert.equal([failed.code, failed.message], ['COMMAND', 'false ended with 1'])
      })
      assert.is(await readFile(target, 'utf8'), 'it is here')
      assert.is((await run('stat', ['-c', '%U', target])).stdout, 'root\n')
      // What sudo was asked is what the rules name: no shell.
      for (const call of await rig.sudoCalls()) assert.not.match(call, /COMMAND=\S*sh /)
    })

    test('what is refused is named, with the line that would allow it, in check mode as well, and the line does allow it', async () => {
      await using rig = await namedCommands()
      const wish = (host: Host) => host.command({ everyTime: true })`date -d ${'2024-01-01 1:2'} +%Y,%m`
      const hints: (string | undefined)[] = []
      for (const check of [true, false]) {
        await on(
          rig,
          async (host) => {
            const error = await refused(wish(host))
            assert.is(error.code, 'BECOME', error.message)
            assert.match(error.message, `sudo does not allow ${rig.user} to run this as root: date -d`)
            hints.push(error.hint)
            assert.is(await host.read`id -u`.text(), '0')
          },
          { check },
        )
      }
      const [hint, same] = hints
      assert.is(hint, same)
      const line = /visudo: (.*)$/.exec(hint ?? '')?.[1] ?? ''
      assert.is(line, `${rig.user} ALL=(root) NOPASSWD: /usr/bin/date -d 2024-01-01 1\\:2 +%Y\\,%m`)
      const draft = `${rig.folder}/allowed`
      const allowed = `/etc/sudoers.d/${rig.user}-more`
      await writeFile(draft, `${line}\n`, { mode: 0o440 })
      try {
        await run('visudo', ['-cqf', draft])
        await run('install', ['-m', '0440', draft, allowed])
        await on(rig, async (host) => assert.is((await wish(host)).stdout, '2024,01\n'))
      } finally {
        await rm(allowed, { force: true })
      }
    })

    test('a rule that wants a password is told apart from none', async () => {
      await using rig = await namedCommands()
      await on(rig, async (host) => {
        const error = await refused(host.read`whoami`)
        assert.match(error.message, 'sudo wants a password for it', error.message)
        assert.match(error.hint ?? '', 'NOPASSWD: /usr/bin/whoami ""')
        const nobody = await refused(host.as('no-such-user').read`id`)
        assert.match(nobody.message, 'unknown user no-such-user', nobody.message)
        const set = await refused(host.read({ env: { LD_PRELOAD: 'x' } })`id -u`)
        assert.match(set.hint ?? '', 'env_keep += "LD_PRELOAD"', set.message)
      })
    })

    test('what only a shell can do is refused before anything is sent, and resources are, with the way out', async () => {
      await using rig = await namedCommands()
      await on(rig, async (host) => {
        const texts = [
          ['id -u | cat', 'a pipe'],
          ['id -u; id', 'several commands'],
          ['id -u >/root/x', 'a redirection'],
          ['cat /etc/shado*', 'a pattern of file names'],
          ['cat "$HOME"', 'an expansion'],
          ['A=1 id -u', 'a variable before it'],
          ['cd /root', `"cd", which is the shell's own`],
        ] as const
        for (const [text, what] of texts) {
          const error = await refused(host.read(Object.assign([text], { raw: [text] })))
          assert.equal([error.code, error.message.includes(what)], ['OPTIONS', true], error.message)
        }
        const error = await refused(host.ensure(file({ path: '/root/x', content: 'x' })))
        assert.equal([error.code, /no shell as root/.test(error.message)], ['BECOME', true], error.message)
        assert.match(error.hint ?? '', 'allow /bin/sh in sudoers')
      })
      assert.equal(await rig.sudoCalls(), [])
    })

    test('a guard that the login user can not ask is an error, and a command that takes too long is ended through sudo', async () => {
      await using rig = await namedCommands()
      await on(rig, async (host) => {
        const error = await refused(host.command({ creates: '/root/there' })`id -u`)
        assert.match(error.message, 'whether /root/there is there can not be seen', error.message)
        const late = await refused(host.command({ everyTime: true, timeoutMs: 1500 })`sleep 4244`)
        assert.equal([late.code, /was sent TERM through sudo/.test(late.message)], ['TIMEOUT', true], late.message)
        assert.is(await host.read`id -u`.text(), '0')
      })
      const gone = () =>
        run('pgrep', ['-x', '-f', 'sleep 4244']).then(
          () => false,
          () => true,
        )
      assert.ok(await eventually(gone, 5000))
    })

    test('an inventory says so, and tsplay exec and doctor know', async () => {
      await using rig = await namedCommands()
      const inventory = `${rig.folder}/hosts.yaml`
      await writeFile(inventory, `${rig.inventoryYaml()}        ansible_become_method: sudo-per-command\n`)
      await writeFile(`${rig.clientHome}/.ssh/config`, `Host *\n  UserKnownHostsFile ${rig.knownHosts}\n`)
      const cli = (command: string, ...args: string[]) =>
        tsplay([command, '-i', inventory, ...args], { cwd: rig.folder, home: rig.clientHome })
      const done = await cli('exec', 'h1', '-b', '--', 'id', '-u')
      assert.is(done.code, 0, done.stdout + done.stderr)
      assert.match(done.stdout, /h1\n {2}0\n/)
      const shell = await cli('exec', 'h1', '-b', '--', 'id -u')
      assert.is(shell.code, 1)
      assert.match(shell.stdout, 'as several words after --', shell.stdout)
      const { stdout } = await cli('doctor', 'h1')
      assert.match(stdout, 'sudo allows single commands: (root) NOPASSWD: /usr/bin/id -u', stdout)
    })
  },
  { timeoutMs: 60_000, skip: process.getuid?.() === 0 ? undefined : 'users are made by root alone' },
)
