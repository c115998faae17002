import { existsSync } from 'node:fs'
import { chmod, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TsplayError } from '../../runner/model/errors.ts'
import { Secret } from '../../runner/model/secret.ts'
import { openSession, type SessionOptions } from '../../runner/session/open.ts'
import { localConnection } from '../helpers/local-connection.ts'
import { sudoUser } from '../helpers/sudo-user.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assert, skip, suite } from '../helpers/suite.ts'

const right = async () => new Secret('right')

/** What a session says of itself, and of a file that it was given. */
async function who(user: string, options: SessionOptions & { readonly login?: string }): Promise<string> {
  await using connection = await localConnection({ user, login: options.login ?? '' })
  const session = await openSession(connection, options)
  const path = await session.upload('/tmp/tsplay-become', Buffer.from('content'))
  const { stdout } = await session.run({ script: `id -un; stat -c %U:%a ${path}; cat ${path}; rm ${path}` })
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  assert.ok((await session.run({ script: 'cat', stdin: bytes })).stdout.equals(bytes))
  assert.not.match(session.noise, 'right')
  await session.close()
  return String(stdout)
}

async function refusal(user: string, options: SessionOptions & { readonly login?: string }): Promise<TsplayError> {
  try {
    await who(user, options)
  } catch (error) {
    if (error instanceof TsplayError) return error
    throw error
  }
  throw new Error('it worked')
}

async function doasRules(rules: string): Promise<AsyncDisposable> {
  if (!existsSync('/usr/bin/doas')) skip('doas is not installed: apt-get install -y opendoas')
  const file = '/etc/doas.conf'
  if (existsSync(file)) skip(`${file} exists, and is not ours to change`)
  await writeFile(file, rules, { mode: 0o600, flag: 'wx' })
  return { [Symbol.asyncDispose]: () => rm(file) }
}

suite(
  'ways to become another user',
  (test) => {
    test('sudo in a terminal of its own (use_pty) passes every byte as it is', async () => {
      await using user = sudoUser('Defaults:USER use_pty\nUSER ALL=(ALL) ALL')
      await using other = sudoUser('')
      const said = await who(user.name, { become: other.name, becomePassword: right })
      assert.is(said, `${other.name}\n${other.name}:600\ncontent`)
    })

    test('sudo that allows named commands alone is told apart, with what is needed', async () => {
      await using user = sudoUser('USER ALL=(ALL) NOPASSWD: /usr/bin/systemctl')
      const error = await refusal(user.name, { become: 'root', becomePassword: right })
      assert.match(error.message, 'not allowed to execute')
      assert.match(error.hint ?? '', 'sudo must allow /bin/sh')
    })

    test('sudo that allows /bin/sh alone is enough', async () => {
      await using user = sudoUser('USER ALL=(root) NOPASSWD: /bin/sh')
      assert.is(await who(user.name, { become: 'root' }), 'root\nroot:600\ncontent')
    })

    test('su takes the password of the user who is become, once', async () => {
      await using user = sudoUser('')
      await using other = sudoUser('')
      const options = { become: other.name, becomeMethod: 'su' as const }
      assert.is(
        await who(user.name, { ...options, becomePassword: right }),
        `${other.name}\n${other.name}:600\ncontent`,
      )
      const wrong = await refusal(user.name, { ...options, becomePassword: async () => new Secret('wrong') })
      assert.equal([wrong.code, /wrong password for su/.test(wrong.message)], ['BECOME', true], wrong.message)
      assert.match(wrong.hint ?? '', `it is that of ${other.name}`)
      const none = await refusal(user.name, options)
      assert.match(none.message, 'su wants a password')
    })

    test('su asks root for no password, and knows who does not exist', async () => {
      await using other = sudoUser('')
      assert.match(await who('root', { become: other.name, becomeMethod: 'su' }), `${other.name}\n`)
      const error = await refusal('root', { become: 'nobody-of-that-name', becomeMethod: 'su' })
      assert.match(error.message, 'there is no such user', error.message)
    })

    for (const [rule, password] of [
      ['NOPASSWD: ALL', 'none'],
      ['ALL', 'right'],
    ] as const) {
      test(`sudo with requiretty gets a terminal, and every byte passes as it is (password: ${password})`, async () => {
        await using user = sudoUser(`Defaults:USER requiretty, use_pty\nUSER ALL=(ALL) ${rule}`)
        await using other = sudoUser('')
        const said = await who(user.name, { become: other.name, becomePassword: right })
        assert.is(said, `${other.name}\n${other.name}:600\ncontent`)
        const wrong = async () => new Secret('wrong')
        if (password === 'right')
          assert.match((await refusal(user.name, { become: 'root', becomePassword: wrong })).message, 'wrong password')
      })
    }

    test('sudo with requiretty on a host that can make no terminal is told, with both ways out', async () => {
      await using folder = await temporaryFolder()
      await using user = sudoUser('Defaults:USER requiretty\nUSER ALL=(ALL) NOPASSWD: ALL')
      for (const program of ['env', 'sudo', 'sh', 'rm'])
        await symlink(`/usr/bin/${program}`, join(folder.path, program))
      await chmod(folder.path, 0o755)
      const error = await refusal(user.name, { become: 'root', login: `PATH=${folder.path}` })
      assert.match(error.message, 'has no script(1)', error.message)
      assert.match(error.hint ?? '', 'requiretty')
    })

    test('commands of a session with a terminal are killed, and their two streams stay apart', async () => {
      await using user = sudoUser('Defaults:USER requiretty\nUSER ALL=(ALL) NOPASSWD: ALL')
      await using connection = await localConnection({ user: user.name })
      const session = await openSession(connection, { become: 'root' })
      const both = await session.run({ script: 'echo out; echo err >&2' })
      assert.equal([String(both.stdout), String(both.stderr)], ['out\n', 'err\n'])
      const stopped = await session.run({ script: 'sleep 600', timeoutMs: 300 })
      assert.is(stopped.timedOut, true)
      await session.close()
    })

    test('doas takes its password from a terminal, once, and works without one where none is wanted', async () => {
      await using user = sudoUser('')
      await using other = sudoUser('')
      await using _rules = await doasRules(`permit nopass ${user.name} as root\npermit ${user.name} as ${other.name}\n`)
      assert.is(await who(user.name, { become: 'root', becomeMethod: 'doas' }), 'root\nroot:600\ncontent')
      const options = { become: other.name, becomeMethod: 'doas' as const }
      assert.is(
        await who(user.name, { ...options, becomePassword: right }),
        `${other.name}\n${other.name}:600\ncontent`,
      )
      const wrong = await refusal(user.name, { ...options, becomePassword: async () => new Secret('wrong') })
      assert.match(wrong.message, 'wrong password for doas', wrong.message)
      const wanted = await refusal(user.name, options)
      assert.match(wanted.message, 'doas wants a password', wanted.message)
      assert.match(wanted.hint ?? '', 'permit nopass')
      const forbidden = await refusal(other.name, { become: 'root', becomeMethod: 'doas' })
      assert.match(forbidden.message, 'Operation not permitted')
    })

    test('run0 is given the user and a shell text (a stand-in that checks its arguments)', async () => {
      await using folder = await temporaryFolder()
      await using user = sudoUser('USER ALL=(ALL) NOPASSWD: ALL')
      const program = `#!/bin/sh
[ "$1 $2 $3 \${4##*/} $5" = "--no-ask-password --user=root -- sh -c" ] || { echo "run0: $*" >&2; exit 2; }
shift 3
exec sudo -n -- "$@"
`
      await chmod(folder.path, 0o755)
      await writeFile(join(folder.path, 'run0'), program, { mode: 0o755 })
      const login = `PATH=${folder.path}:$PATH`
      assert.is(await who(user.name, { become: 'root', becomeMethod: 'run0', login }), 'root\nroot:600\ncontent')
    })

    test('a method that the host does not have is named, with a way out', async () => {
      const error = await refusal('root', { become: 'daemon', becomeMethod: 'run0' })
      assert.match(error.message, 'run0 is not installed', error.message)
      assert.match(error.hint ?? '', 'ansible_become_method: sudo')
    })
  },
  { timeoutMs: 25_000, skip: process.getuid?.() === 0 ? undefined : 'users are made by root alone' },
)
