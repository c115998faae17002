import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectError, TsplayError } from '../../runner/model/errors.ts'
import { Secret } from '../../runner/model/secret.ts'
import { openSession } from '../../runner/session/open.ts'
import { localConnection } from '../helpers/local-connection.ts'
import { sudoUser } from '../helpers/sudo-user.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assert, suite } from '../helpers/suite.ts'

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('it worked'),
    (error: Error) => error,
  )

suite(
  'the start of a session',
  (test) => {
    test('lets a login print what it likes on both streams', async () => {
      await using connection = await localConnection({ login: 'printf "hello\\nno newline"; printf trouble >&2' })
      const session = await openSession(connection)
      assert.is(String((await session.run({ script: 'echo clean' })).stdout), 'clean\n')
      assert.match(session.noise, /hello\nno newline\ntrouble/)
      await session.close()
    })

    test('reports an account without a shell, with what it says', async () => {
      await using connection = await localConnection({ login: 'echo This account is currently not available.; exit 1' })
      const error = await failure(openSession(connection))
      assert.instance(error, ConnectError)
      assert.is((error as ConnectError).stage, 'shell')
      assert.match(error.message, 'This account is currently not available.')
    })

    test('gives up a login that says nothing', async () => {
      await using connection = await localConnection({ login: 'exec sleep 5' })
      const error = await failure(openSession(connection, { readyTimeoutMs: 200 }))
      assert.match(error.message, 'no shell answered within 0.2 s')
    })

    if (process.getuid?.() !== 0) {
      process.stdout.write('sudo is tested by root alone: skipped\n')
      return
    }

    const asked = (password: string) => {
      const ask = async () => {
        ask.times += 1
        return new Secret(password)
      }
      ask.times = 0
      return ask
    }

    test('becomes root without asking for a password that sudo does not want', async () => {
      await using user = sudoUser('USER ALL=(ALL) NOPASSWD: ALL')
      await using connection = await localConnection({ user: user.name })
      const password = asked('right')
      const session = await openSession(connection, { become: 'root', becomePassword: password })
      assert.equal([session.user, session.uid, password.times], ['root', 0, 0])
      assert.is(String((await session.run({ script: 'id -u; echo $HOME' })).stdout), '0\n/root\n')
      await session.close()
    })

    test('gives the password once, when it is asked for, and never to the shell', async () => {
      await using user = sudoUser('USER ALL=(ALL) ALL')
      await using connection = await localConnection({ user: user.name })
      const password = asked('right')
      const session = await openSession(connection, { become: 'root', becomePassword: password })
      assert.equal([session.uid, password.times], [0, 1])
      assert.not.match(session.noise, 'right')
      const path = await session.upload('/root/tsplay-become', Buffer.from('as root'))
      assert.is(
        String((await session.run({ script: `cat ${path}; stat -c %u:%a ${path}; rm ${path}` })).stdout),
        'as root0:600\n',
      )
      await session.close()
    })

    const refused = (title: string, rules: string, message: RegExp, password?: string) =>
      test(title, async () => {
        await using user = sudoUser(rules)
        await using connection = await localConnection({ user: user.name })
        const options = password === undefined ? {} : { becomePassword: asked(password) }
        const error = await failure(openSession(connection, { become: 'root', ...options }))
        assert.instance(error, TsplayError)
        assert.is((error as TsplayError).code, 'BECOME', error.message)
        assert.match(error.message, message)
        assert.ok((error as TsplayError).hint)
      })

    refused('reports a wrong password', 'USER ALL=(ALL) ALL', /wrong password/, 'wrong')
    refused('reports a password that is wanted and not known', 'USER ALL=(ALL) ALL', /sudo wants a password/)
    refused('reports a user whom sudo does not know', '', /not in the sudoers file/, 'right')
    refused('reports what sudo does not allow', 'USER ALL=(ALL) NOPASSWD: /bin/true', /not allowed to execute/, 'right')
    test('reports a host without sudo', async () => {
      await using folder = await temporaryFolder()
      await symlink('/usr/bin/env', join(folder.path, 'env'))
      await using connection = await localConnection({ login: `PATH=${folder.path}` })
      const error = await failure(openSession(connection, { become: 'root' }))
      assert.match(error.message, 'sudo is not installed')
    })

    test('reports a user whom the host does not know', async () => {
      await using connection = await localConnection()
      const error = await failure(openSession(connection, { become: 'nobody-of-that-name' }))
      assert.match(error.message, 'there is no such user')
    })
  },
  10_000,
)
