import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import { Secret } from '../../runner/model/secret.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import { sshAgent } from '../helpers/ssh-agent.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { answering, dialed, output, refusedBy } from './attempt.ts'

const run = promisify(execFile)

const first = (rig: SshdRig) => {
  const [host] = rig.hosts
  assert.ok(host)
  return host
}

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port

/** A key that no host accepts. */
async function strangeKey(rig: SshdRig): Promise<string> {
  const file = `${rig.folder}/strange`
  await writeFile(file, makeKeyPair().private, { mode: 0o600 })
  return file
}

suite(
  'logging in',
  (test) => {
    test('a wrong key is refused once, and the error names the key, the user and what the server takes', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const host = first(rig)
      const file = await strangeKey(rig)
      const error = await refusedBy({ ...host.target, identityFiles: [file] }, { home: '/nonexistent' })
      assert.is(error.stage, 'auth')
      assert.is(error.retryable, false)
      assert.match(error.message, `root@h1 (${host.address}:${host.port}): login refused`)
      assert.match(error.message, `key ${file} SHA256:`)
      assert.match(error.message, 'the server takes: publickey')
      assert.match(error.hint ?? '', 'authorized_keys of root')
      assert.is(host.accepted, 1)
    })

    test('a missing key file is told', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const error = await refusedBy(
        { ...first(rig).target, identityFiles: ['/nonexistent/key'] },
        { home: '/nonexistent' },
      )
      assert.match(error.message, '/nonexistent/key does not exist')
      assert.match(error.message, 'no key to try')
    })

    test('the password of the host is used, without a question', async () => {
      await using rig = await sshdRig({ password: 'pass word' })
      const prompter = answering('never')
      const target = { ...first(rig).target, identityFiles: [], password: new Secret('pass word') }
      const who = await dialed(target, async (it) => (await output(it, 'id -un')).stdout, {
        home: '/nonexistent',
        prompter,
      })
      assert.is(who, `${rig.user}\n`)
      assert.equal(prompter.asked, [])
    })

    test('a wrong password is sent once', async () => {
      await using rig = await sshdRig({ password: 'right' })
      const host = first(rig)
      const error = await refusedBy(
        { ...host.target, identityFiles: [], password: new Secret('wrong') },
        { home: '/nonexistent' },
      )
      assert.is(error.stage, 'auth')
      assert.match(error.message, '\n  password\n')
      assert.is((await host.log()).match(/Failed password/g)?.length, 1)
      assert.is(host.accepted, 1)
    })

    test('a password is asked for once for all hosts, and only where keys do not work', async () => {
      await using rig = await sshdRig({ hosts: 3, password: 'asked' })
      const prompter = answering('asked')
      const dialer = createDialer({ home: '/nonexistent', prompter })
      const [byKey, ...byPassword] = rig.targets
      assert.ok(byKey)
      await (await dialer.dial(byKey)).close()
      assert.equal(prompter.asked, [])
      const connections = await Promise.all(byPassword.map((target) => dialer.dial({ ...target, identityFiles: [] })))
      assert.equal(prompter.asked, [`SSH password for ${rig.user}: `])
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
    })

    test('keyboard-interactive with one question gets the password', async () => {
      const server = new ssh2.Server({ hostKeys: [makeKeyPair().private] }, (client) => {
        client.on('error', () => {})
        client.on('authentication', (context) => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
          context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
            if (answers[0] === 'by keyboard') context.accept()
            else context.reject()
          })
        })
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const target = {
        name: 'kbd',
        address: '127.0.0.1',
        port: portOf(server),
        hostKeys: 'accept-new' as const,
        knownHosts: [],
        sshConfig: 'none',
      }
      try {
        const options = { home: '/nonexistent' }
        await dialed({ ...target, password: new Secret('by keyboard') }, async () => {}, options)
        assert.is((await refusedBy({ ...target, password: new Secret('other') }, options)).stage, 'auth')
      } finally {
        server.close()
      }
    })

    test('a one-time code is asked of the person, after the password, and only where somebody is there', async () => {
      const server = new ssh2.Server({ hostKeys: [makeKeyPair().private] }, (client) => {
        client.on('error', () => {})
        client.on('authentication', (context) => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
          context.prompt([{ prompt: 'Password: ', echo: false }], ([password]) => {
            context.prompt([{ prompt: 'Verification\u001b[2J code:', echo: true }], ([code]) => {
              if (password === 'pass' && code === '123456') context.accept()
              else context.reject()
            })
          })
        })
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const port = portOf(server)
      const target = { name: 'otp', address: '127.0.0.1', port, hostKeys: 'accept-new' as const, knownHosts: [] }
      const known = { ...target, sshConfig: 'none', user: 'me', password: new Secret('pass') }
      try {
        const prompter = answering('123456')
        await dialed(known, async () => {}, { home: '/nonexistent', prompter })
        assert.equal(prompter.asked, [`me@otp (127.0.0.1:${port}) asks: Verification [2J code: `])
        assert.is((await refusedBy(known, { home: '/nonexistent' })).stage, 'auth')
      } finally {
        server.close()
      }
    })

    test('a key and a code, where the server wants both', async () => {
      const server = new ssh2.Server({ hostKeys: [makeKeyPair().private] }, (client) => {
        let known = false
        client.on('error', () => {})
        client.on('authentication', (context) => {
          if (context.method === 'publickey') {
            known = context.signature !== undefined
            return known ? context.reject(['keyboard-interactive'], true) : context.accept()
          }
          if (!known || context.method !== 'keyboard-interactive') return context.reject(['publickey'])
          context.prompt([{ prompt: 'Code: ', echo: false }], ([code]) =>
            code === '1' ? context.accept() : context.reject(),
          )
        })
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const folder = await mkdtemp(join(tmpdir(), 'tsplay-otp-'))
      try {
        await writeFile(`${folder}/key`, makeKeyPair().private, { mode: 0o600 })
        const address = '127.0.0.1'
        const target = { name: 'otp', address, port: portOf(server), hostKeys: 'accept-new' as const, knownHosts: [] }
        const prompter = answering('1')
        const options = { home: '/nonexistent', prompter }
        await dialed({ ...target, sshConfig: 'none', identityFiles: [`${folder}/key`] }, async () => {}, options)
        assert.is(prompter.asked.length, 1)
      } finally {
        server.close()
        await rm(folder, { recursive: true })
      }
    })

    test('an encrypted key is asked for once, however many hosts it opens', async () => {
      await using rig = await sshdRig({ user: 'root', hosts: 3 })
      await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', rig.keyFile])
      const prompter = answering('open sesame')
      const dialer = createDialer({ home: '/nonexistent', prompter })
      const connections = await Promise.all(rig.targets.map((target) => dialer.dial(target)))
      assert.equal(prompter.asked, [`Passphrase for ${rig.keyFile}: `])
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
    })

    test('a wrong passphrase, and nobody to ask, are told with the file', async () => {
      await using rig = await sshdRig({ user: 'root' })
      await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', rig.keyFile])
      const { target } = first(rig)
      const wrong = await refusedBy(target, { home: '/nonexistent', prompter: answering('open barley') })
      assert.is(wrong.stage, 'auth')
      assert.match(wrong.message, `${rig.keyFile} can not be decrypted`)
      const nobody = await refusedBy(target, { home: '/nonexistent' })
      assert.match(nobody.message, `${rig.keyFile} is encrypted, and nobody can be asked`)
    })

    test('no passphrase is asked for a key that the server would not take', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const file = await strangeKey(rig)
      await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', file])
      const prompter = answering('open sesame')
      const target = { ...first(rig).target, identityFiles: [file, rig.keyFile] }
      await dialed(target, async () => {}, { home: '/nonexistent', prompter })
      assert.equal(prompter.asked, [])
    })

    test('a server that wants a key and a password gets both', async () => {
      await using rig = await sshdRig({ password: 'second', config: ['AuthenticationMethods publickey,password'] })
      const target = { ...first(rig).target, password: new Secret('second') }
      await dialed(target, async () => {}, { home: '/nonexistent' })
      const error = await refusedBy(first(rig).target, { home: '/nonexistent' })
      assert.match(error.message, 'one method was accepted, and the server wants another one as well')
      assert.match(error.message, 'the server takes: password')
    })

    test('a password helps where the key of an agent does not', async () => {
      await using rig = await sshdRig({ password: 'second' })
      await using agent = await sshAgent(rig.folder)
      await agent.add(makeKeyPair().private)
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, `IdentityAgent ${agent.socket}\n`)
      const target = { ...first(rig).target, identityFiles: [], sshConfig: config, password: new Secret('second') }
      await dialed(target, async () => {}, { home: '/nonexistent' })
    })

    test('RSA keys work, since they sign with SHA-2', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const pair = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
      await writeFile(rig.keyFile, pair.private)
      await writeFile(`${rig.folder}/authorized_keys`, `${pair.public}\n`)
      await dialed(first(rig).target, async () => {}, { home: '/nonexistent' })
    })

    test('an agent with eight keys works when the right one is named, and says so when it is not', async () => {
      await using rig = await sshdRig({ user: 'root' })
      await using agent = await sshAgent(rig.folder)
      for (let i = 0; i < 7; i++) {
        // ssh2 makes keys of which ssh-add does not take each.
        const file = `${rig.folder}/strange${i}`
        await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `strange ${i}`, '-f', file])
        await agent.add(await readFile(file, 'utf8'))
      }
      await run('ssh-add', ['-q', rig.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } })
      // Only the public half stays on disk.
      await rm(rig.keyFile)
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, `IdentityAgent ${agent.socket}\n`)
      const target = { ...first(rig).target, sshConfig: config }
      await dialed(target, async () => {}, { home: '/nonexistent' })

      const error = await refusedBy({ ...target, identityFiles: [] }, { home: '/nonexistent' })
      assert.is(error.stage, 'auth')
      assert.match(error.message, 'only 4 of 8 keys were tried')
      assert.match(error.message, 'key agent: strange 3 SHA256:')

      await writeFile(config, `IdentityAgent ${agent.socket}\nIdentityFile ${rig.keyFile}\nIdentitiesOnly yes\n`)
      await dialed({ ...target, identityFiles: [] }, async () => {}, { home: '/nonexistent' })
      assert.is((await first(rig).log()).match(/Failed publickey/g)?.length, 4)
    })

    test('an agent that is gone is no obstacle', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, `IdentityAgent ${rig.folder}/gone.sock\n`)
      await dialed({ ...first(rig).target, sshConfig: config }, async () => {}, { home: '/nonexistent' })
    })
  },
  15_000,
)
