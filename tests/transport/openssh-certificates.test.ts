import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import { sshAgent } from '../helpers/ssh-agent.ts'
import { assert, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'
import { certified, first } from './certified.ts'

const run = promisify(execFile)

suite(
  "certificates, by OpenSSH's own client",
  (test) => {
    test('a user certificate beside the key, and a host certificate of a known authority, are taken', async () => {
      await using rig = await certified()
      const { target } = first(rig)
      // Without the certificate the key means nothing there.
      assert.is((await refusedBy(target, { home: '/nonexistent' })).stage, 'auth')
      await rig.authority.sign(rig.keyFile, 'user', ['root'])
      const said = await dialed({ ...target, knownHosts: rig.knownHosts }, (it) => output(it, 'id -un; cat >&2', 'in'))
      assert.equal(said, { code: 0, signal: undefined, lost: false, stdout: 'root\n', stderr: 'in' })
      assert.match(await first(rig).log(), 'Accepted publickey for root')
      assert.match(await first(rig).log(), 'ID test user')
    })

    test('a certificate that only the agent holds is found there', async () => {
      await using rig = await certified()
      const certificate = await rig.authority.sign(rig.keyFile, 'user', ['root'])
      await using agent = await sshAgent(rig.folder)
      await run('ssh-add', ['-q', rig.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } })
      await Promise.all([rm(rig.keyFile), rm(certificate)])
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, `IdentityAgent ${agent.socket}\n`)
      const target = { ...first(rig).target, knownHosts: rig.knownHosts, identityFiles: [], sshConfig: config }
      assert.is((await dialed(target, (it) => output(it, 'echo in'), { home: '/nonexistent' })).stdout, 'in\n')
    })

    test('a certificate for another user, and one that has run out, are refused with what was shown', async () => {
      await using rig = await certified()
      const target = { ...first(rig).target, knownHosts: rig.knownHosts }
      await rig.authority.sign(rig.keyFile, 'user', ['somebody'])
      const other = await refusedBy(target)
      assert.is(other.stage, 'auth')
      assert.match(other.message, 'login refused: Permission denied (publickey)', other.message)
      assert.match(other.message, `key ${rig.keyFile} ED25519-CERT SHA256:`)
      await rig.authority.sign(rig.keyFile, 'user', ['root'], '20200101:20200102')
      assert.is((await refusedBy(target)).stage, 'auth')
      assert.is(first(rig).accepted, 2)
    })

    test('a host certificate of another authority, or for another name, is refused with the key that was shown', async () => {
      await using rig = await certified()
      await rig.authority.sign(rig.keyFile, 'user', ['root'])
      const stranger = makeKeyPair().public
      const { target } = first(rig)
      const other = await refusedBy({ ...target, knownHosts: [`@cert-authority * ${stranger}`] })
      assert.is(other.stage, 'host-key')
      assert.match(`${other.message} ${other.hint}`, 'SHA256:', `${other.message} ${other.hint}`)
      const hostKey = `${rig.folder}/h1/host_ed25519_key`
      await rig.authority.sign(hostKey, 'host', ['elsewhere.example'])
      const name = await refusedBy({ ...target, knownHosts: rig.knownHosts })
      assert.is(name.stage, 'host-key')
    })
  },
  40_000,
)
