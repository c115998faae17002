import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { Secret } from '../../runner/model/secret.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { answering, dialed, output, refusedBy } from './attempt.ts'
import { first } from './certified.ts'

const run = promisify(execFile)

/** The rig's first host, by the program, with a password alone. */
function byPassword(rig: SshdRig) {
  const { identityFiles: _none, ...target } = first(rig).target
  return { ...target, transport: 'openssh' as const }
}

/** Arguments and environments of all processes of this machine but this one. */
async function everythingShown(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const read = (path: string) => readFile(path, 'latin1').catch(() => '')
  const shown = await Promise.all(pids.flatMap((pid) => [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)]))
  return shown.join('\n')
}

suite(
  "what OpenSSH's own client asks",
  (test) => {
    test('a password is given to ssh once, and is in no argument, environment or file', async () => {
      await using rig = await sshdRig({ password: 'open-sesame-4711' })
      const seen: string[] = []
      const prompter = {
        asked: 0,
        async secret() {
          prompter.asked += 1
          seen.push(await everythingShown())
          return new Secret('open-sesame-4711')
        },
      }
      const options = { home: '/nonexistent', prompter }
      await dialed(
        byPassword(rig),
        async (connection) => {
          assert.is((await output(connection, 'echo in')).stdout, 'in\n')
          seen.push(await everythingShown())
          const { stdout } = await run('sh', ['-c', 'grep -rls open-sesame-4711 "${TMPDIR:-/tmp}"/tsplay-?????? || :'])
          assert.is(stdout, '')
        },
        options,
      )
      assert.is(prompter.asked, 1)
      for (const shown of seen) assert.not.match(shown, 'open-sesame-4711')
    })

    test('a passphrase is asked for once, however many hosts it opens', async () => {
      await using rig = await sshdRig({ user: 'root', hosts: 2 })
      await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', rig.keyFile])
      const prompter = answering('open sesame')
      const dialer = createDialer({ home: '/nonexistent', prompter })
      const connections = await Promise.all(
        rig.targets.map((target) => dialer.dial({ ...target, transport: 'openssh' })),
      )
      assert.equal(prompter.asked, [`Passphrase for ${rig.keyFile}: `])
      await Promise.all(connections.map((connection) => connection.close()))
      await dialer.close()
    })

    test('a wrong password is sent once, and nobody to ask is an error', async () => {
      await using rig = await sshdRig({ password: 'right' })
      const target = byPassword(rig)
      const error = await refusedBy({ ...target, password: new Secret('wrong') }, { home: '/nonexistent' })
      assert.is(error.stage, 'auth')
      assert.is((await first(rig).log()).match(/Failed password/g)?.length, 1)
      assert.is((await refusedBy(target, { home: '/nonexistent' })).stage, 'auth')
      assert.is((await first(rig).log()).match(/Failed password/g)?.length, 1)
    })
  },
  60_000,
)
