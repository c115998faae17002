import { execFileSync } from 'node:child_process'
import { askProbes, question } from '../../runner/engine/exchange/probes.ts'
import { packageProbe } from '../../runner/model/facts-of/package.ts'
import { unitProbe } from '../../runner/model/facts-of/unit.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { openSession } from '../../runner/session/open.ts'
import { forksOf } from '../helpers/forks.ts'
import { localConnection, shells } from '../helpers/local-connection.ts'
import { assert, skip, suite } from '../helpers/suite.ts'

const installed = execFileSync('dpkg-query', ['-W', '-f=${binary:Package}\\n'], { encoding: 'utf8' }).trim().split('\n')

const packageNames = [...installed.slice(0, 5), 'no-such', 'dash', 'libc6', 'libc6:amd64', 'libc6:s390x', 'g++']
const unitNames = ['no-such', 'init.scope', 'dbus', 'systemd-journald', 'fake@a-b\\x2dc', 'sshd', 'ssh']

suite(
  'questions that are asked together',
  (test) => {
    for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
      test(`they have the very answers that each has alone, in ${shell}`, async () => {
        await using connection = await localConnection({ shell })
        const session = await openSession(connection)
        const probes: Probe<unknown>[] = [
          ...packageNames.map((name) => packageProbe(name)),
          ...unitNames.map(unitProbe),
        ]
        const together = await askProbes(session, probes)
        const one = ({ fact, script, library = '' }: Probe<unknown>) => ({ fact, script, library, parse: () => '' })
        const alone = await askProbes(session, probes.map(one))
        for (const probe of probes) {
          const answer = String(together.get(question(probe)))
          assert.is(answer, String(alone.get(question(probe))), probe.fact)
          probe.parse(answer)
        }
        await session.close()
      })
    }

    test('ten packages cost the host as many processes as one', async () => {
      if (process.getuid?.() !== 0) skip('a namespace that counts processes needs root')
      const asked = (names: readonly string[]) => {
        const words = names.map((name, i) => `p${i} ${packageProbe(name).together?.subject}`)
        return `mark() { :; }\n${packageProbe('dash').library}\npackage_facts ${words.join(' ')}`
      }
      assert.is(await forksOf(asked(['dash'])), 1)
      assert.is(await forksOf(asked(packageNames)), 1)
    })
  },
  60_000,
)
