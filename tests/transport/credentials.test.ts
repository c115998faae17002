import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Secret } from '../../runner/model/secret.ts'
import { environment } from '../helpers/environment.ts'
import { fidoAgent } from '../helpers/fido-agent.ts'
import { kerberos } from '../helpers/kerberos.ts'
import { softToken } from '../helpers/soft-token.ts'
import { sshdRig, type SshdRig, type SshdRigOptions } from '../helpers/sshd.ts'
import { assert, skip, suite } from '../helpers/suite.ts'
import { answering, dialed, output, refusedBy } from './attempt.ts'
import { first } from './certified.ts'

const run = promisify(execFile)

/** The rig's first host without its key, by a configuration of so many lines. */
async function withoutKey(rig: SshdRig, ...lines: string[]) {
  const sshConfig = `${rig.folder}/ssh_config`
  await writeFile(sshConfig, lines.map((line) => `${line}\n`).join(''))
  const { identityFiles: _none, ...target } = first(rig).target
  return { ...target, sshConfig }
}

const home = '/nonexistent'
const secret = '3132333435363738393031323334353637383930'

/** Servers that ask PAM, which asks for the one-time codes of RFC 4226 that the user's device shows. */
async function codeRig(options: SshdRigOptions = {}) {
  if (!existsSync('/usr/lib/x86_64-linux-gnu/security/pam_oath.so')) skip('apt-get install -y libpam-oath oathtool')
  const pamService = `tsplay-otp-${process.pid}`
  const rig = await sshdRig({ ...options, pamService })
  const users = `${rig.folder}/users.oath`
  await writeFile(users, `HOTP ${rig.user} - ${secret}\n`, { mode: 0o600 })
  const service = `/etc/pam.d/${pamService}`
  const auth = `auth required pam_oath.so usersfile=${users} window=3 digits=6`
  await writeFile(service, `${auth}\naccount required pam_permit.so\nsession required pam_permit.so\n`)
  return {
    rig,
    code: async (count: number) => (await run('oathtool', ['--hotp', '-c', String(count), secret])).stdout.trim(),
    async [Symbol.asyncDispose]() {
      await rm(service, { force: true })
      await rig[Symbol.asyncDispose]()
    },
  }
}

suite(
  'what else logs in',
  (test) => {
    test('a key on a PKCS#11 token is used by the program, and its PIN asked for once', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const token = await softToken(rig.folder)
      await writeFile(`${rig.folder}/authorized_keys`, `${token.publicKey}\n`)
      using _env = environment(token.variables)
      const target = await withoutKey(rig, `PKCS11Provider ${token.library}`)
      const prompter = answering(token.pin)
      const options = { home, prompter }
      assert.is((await dialed(target, (it) => output(it, 'echo by token'), options)).stdout, 'by token\n')
      assert.is(prompter.asked.length, 1)
      assert.match(prompter.asked[0] ?? '', 'PIN')
      assert.match(await first(rig).log(), 'Accepted publickey for root')
      const wrong = await refusedBy(target, { home, prompter: answering('000000') })
      assert.is(wrong.stage, 'auth')
    })

    test('a key on a FIDO device in the agent is used by the program (the device is played, its signatures are real)', async () => {
      await using rig = await sshdRig({ user: 'root' })
      await using agent = await fidoAgent(rig.folder)
      await writeFile(`${rig.folder}/authorized_keys`, `${agent.publicKey}\n`)
      const target = await withoutKey(rig, `IdentityAgent ${agent.socket}`)
      assert.is((await dialed(target, (it) => output(it, 'echo by device'), { home })).stdout, 'by device\n')
      assert.is(agent.signatures, 1)
      assert.match(await first(rig).log(), /Accepted publickey for root .*: ED25519-SK /)
    })

    test('a Kerberos ticket is used by the program where there is no key, and its absence is an error', async () => {
      await using rig = await sshdRig({
        user: 'root',
        config: ['GSSAPIAuthentication yes', 'GSSAPIStrictAcceptorCheck no', 'PubkeyAuthentication no'],
      })
      await using realm = await kerberos(rig.folder, 'root', first(rig).address)
      using _env = environment(realm.variables)
      const target = await withoutKey(rig, 'GSSAPIAuthentication yes')
      await realm.login('root')
      assert.is((await dialed(target, (it) => output(it, 'echo by ticket'), { home })).stdout, 'by ticket\n')
      assert.match(await first(rig).log(), 'Accepted gssapi-with-mic for root')
      await realm.logout()
      const error = await refusedBy(target, { home })
      assert.is(error.stage, 'auth', error.message)
    })

    for (const transport of ['ssh2', 'openssh'] as const) {
      test(`a one-time code that PAM wants is asked of the person, once a connection (${transport})`, async () => {
        await using made = await codeRig()
        const target = { ...(await withoutKey(made.rig)), transport }
        const prompter = answering(await made.code(0))
        assert.is((await dialed(target, (it) => output(it, 'echo by code'), { home, prompter })).stdout, 'by code\n')
        assert.is(prompter.asked.length, 1, prompter.asked.join())
        assert.match(prompter.asked[0] ?? '', 'One-time password', prompter.asked.join())
        // It is good for one login.
        const again = await refusedBy(target, { home, prompter: answering(await made.code(0)) })
        assert.is(again.stage, 'auth', again.message)
        assert.is((await first(made.rig).log()).match(/Failed keyboard-interactive/g)?.length, 1)
      })

      test(`a key and then a code are given where both are wanted (${transport})`, async () => {
        await using made = await codeRig({ config: ['AuthenticationMethods publickey,keyboard-interactive'] })
        const { rig } = made
        const target = { ...first(rig).target, transport, password: new Secret('not asked for') }
        const prompter = answering(await made.code(0))
        assert.is((await dialed(target, (it) => output(it, 'echo both'), { home, prompter })).stdout, 'both\n')
        assert.is(prompter.asked.length, 1, prompter.asked.join())
        assert.match(await first(rig).log(), 'Accepted keyboard-interactive/pam')
      })
    }
  },
  { timeoutMs: 60_000, skip: process.getuid?.() === 0 ? undefined : 'SSH servers are started by root alone' },
)
