import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { askProbes, question } from '../../runner/engine/exchange/probes.ts'
import { moduleProbe } from '../../runner/model/facts-of/module.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { packageProbe } from '../../runner/model/facts-of/package.ts'
import { signingKeyProbe } from '../../runner/model/facts-of/signing-key.ts'
import { sysctlProbe } from '../../runner/model/facts-of/sysctl.ts'
import { unitProbe } from '../../runner/model/facts-of/unit.ts'
import { type Probe, probeText } from '../../runner/model/probe.ts'
import { openSession } from '../../runner/session/open.ts'
import { forksOf } from '../helpers/forks.ts'
import { localConnection, shells } from '../helpers/local-connection.ts'
import { assert, skip, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const installed = execFileSync('dpkg-query', ['-W', '-f=${binary:Package}\\n'], { encoding: 'utf8' }).trim().split('\n')

const packageNames = [...installed.slice(0, 5), 'no-such', 'dash', 'libc6', 'libc6:amd64', 'libc6:s390x', 'g++']
const unitNames = ['no-such', 'init.scope', 'dbus', 'systemd-journald', 'fake@a-b\\x2dc', 'sshd', 'ssh']
const moduleNames = ['overlay', 'no-such', 'br_netfilter', 'ext4', 'no_such_either']
const parameters = ['kernel.osrelease', 'net.ipv4.ip_forward', 'no.such', 'net.ipv4.ip_local_port_range'].concat([
  'kernel.sem',
  'net.ipv4.route.flush',
  'kernel.printk',
  'vm.swappiness',
  'net/ipv4/conf/lo/forwarding',
])

/** One of each kind, in a folder with names that a shell could stumble over. */
async function somePaths(folder: string): Promise<readonly Probe<unknown>[]> {
  const at = (name: string) => join(folder, name)
  const files = ['a', 'two  spaces', "it's $(x) *", 'ü\nline', 'back\\slash', '-n', '[a]', `b  ${folder}/a`]
  await mkdir(at(`b  ${folder}`), { recursive: true })
  for (const name of files) await writeFile(at(name), `${name}\n`)
  await mkdir(at('folder'), { mode: 0o750 })
  await symlink('a', at('link'))
  await symlink('gone', at('dangling'))
  const [kept, other] = ['a\n', 'b\n'].map((text) => createHash('sha256').update(text).digest('hex'))
  return [
    ...[...files, 'folder', 'link', 'dangling', 'absent', 'a/below', 'folder/absent'].map((name) =>
      pathProbe(at(name)),
    ),
    ...['a', 'folder', 'link'].map((name) => pathProbe(at(name), { digest: false })),
    pathProbe(at('a'), { content: 'always' }),
    pathProbe(at('two  spaces'), { content: 'always', maxContentBytes: 2 }),
    pathProbe(at('a'), { content: { unless: kept ?? '' } }),
    pathProbe(at('a'), { content: { unless: other ?? '' } }),
    pathProbe('/dev/null'),
    pathProbe('/proc/1/mem'),
    pathProbe('/'),
  ]
}

/** Shell text that asks them all by the one call that they have in common. */
function allAtOnce(probes: readonly Probe<unknown>[]): string {
  const words = probes.map(({ together }, i) => `p${i} ${together?.subject}`)
  const { library, together } = probes[0] ?? { library: undefined, together: undefined }
  return `mark() { :; }\n${probeText({ library, script: `${together?.call} ${words.join(' ')}` })}`
}

suite(
  'questions that are asked together',
  (test) => {
    for (const shell of Object.keys(shells) as (keyof typeof shells)[]) {
      test(`they have the very answers that each has alone, in ${shell}`, async () => {
        await using connection = await localConnection({ shell })
        const session = await openSession(connection)
        await using folder = await temporaryFolder()
        const probes: Probe<unknown>[] = [
          ...(await somePaths(folder.path)),
          ...packageNames.map((name) => packageProbe(name)),
          ...unitNames.map(unitProbe),
          ...parameters.map(sysctlProbe),
          ...moduleNames.map(moduleProbe),
          ...['a', 'link', 'absent'].map((name) => signingKeyProbe(join(folder.path, name), { fingerprints: false })),
        ]
        const together = await askProbes(session, probes)
        const one = ({ fact, script, library = '' }: Probe<unknown>) => ({ fact, script, library, parse: () => '' })
        const alone = await askProbes(session, probes.map(one))
        for (const probe of probes) {
          const answer = String(together.get(question(probe)))
          assert.is(answer, String(alone.get(question(probe))), probe.fact)
          if (!answer.includes('\nfailed\n')) probe.parse(answer)
        }
        await session.close()
      })
    }

    test('ten packages cost the host as many processes as one', async () => {
      if (process.getuid?.() !== 0) skip('a namespace that counts processes needs root')
      const asked = (names: readonly string[]) => allAtOnce(names.map((name) => packageProbe(name)))
      assert.is(await forksOf(asked(['dash'])), 1)
      assert.is(await forksOf(asked(packageNames)), 1)
    })

    test('eight kernel parameters cost the host as many processes as one, but for those that can not be read', async () => {
      if (process.getuid?.() !== 0) skip('a namespace that counts processes needs root')
      const asked = (keys: readonly string[]) => allAtOnce(keys.map((key) => sysctlProbe(key)))
      const readable = parameters.filter((key) => key !== 'net.ipv4.route.flush')
      assert.is(await forksOf(asked(['kernel.printk'])), 1)
      assert.is(await forksOf(asked(readable)), 1)
    })

    test('five kernel modules cost the host as many processes as one', async () => {
      if (process.getuid?.() !== 0) skip('a namespace that counts processes needs root')
      const asked = (names: readonly string[]) => allAtOnce(names.map((name) => moduleProbe(name)))
      assert.is(await forksOf(asked(['overlay'])), 1)
      assert.is(await forksOf(asked(moduleNames)), 1)
    })

    test('ten files cost the host as many processes as one', async () => {
      if (process.getuid?.() !== 0) skip('a namespace that counts processes needs root')
      await using folder = await temporaryFolder()
      const files = Array.from({ length: 10 }, (_, i) => join(folder.path, String(i)))
      for (const file of files) await writeFile(file, file)
      const asked = (paths: readonly string[]) => allAtOnce(paths.map((path) => pathProbe(path)))
      assert.is(await forksOf(asked(files.slice(0, 1))), 2)
      assert.is(await forksOf(asked(files)), 2)
    })
  },
  60_000,
)
