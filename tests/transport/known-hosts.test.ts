import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeKeyPair } from '../../runner/transport/sandbox/key-pair.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { hashedName, matchesHost, parseKnownHosts } from '../../runner/transport/ssh/known-hosts/entry.ts'
import type { Target } from '../../runner/transport/target.ts'
import { eventually } from '../helpers/processes.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { dialed, output, refusedBy } from './attempt.ts'

const run = promisify(execFile)
const publicKey = () => makeKeyPair().public.trim()

/** A repeatable stream of choices. */
function chooser(seed: number) {
  let state = seed
  return <T>(items: readonly T[]): T => {
    state = (state * 1103515245 + 12345) % 2147483648
    return items[Math.floor((state / 2147483648) * items.length)] as T
  }
}

/** A target that goes by the client's known_hosts file in place of given lines. */
function byFile(target: Target): Target {
  const { knownHosts: _lines, ...rest } = target
  return rest
}

const first = (rig: SshdRig) => byFile(rig.targets[0] ?? { name: 'none' })

/** While the first host of a rig shows its ed25519 key no longer. */
async function rotated(rig: SshdRig, act: () => Promise<unknown>): Promise<void> {
  const file = `${rig.folder}/h1/sshd_config`
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/^HostKey .*ed25519.*\n/m, ''))
  await act()
  await writeFile(file, text)
}

suite(
  'known hosts',
  (test) => {
    test('matches the lines that ssh-keygen -F finds, in random files', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tsplay-known-'))
      try {
        const choose = chooser(7)
        const names = ['web1', 'web2.example.org', '10.0.0.1', '[web1]:2222', '[10.0.0.1]:22022', 'fe80::1']
        const patterns = [
          ...names,
          'WEB1',
          'web*',
          '*.example.org',
          '!web1',
          '!*.org',
          '10.0.0.?',
          '[web?]:*',
          '[*]:2222',
          '*',
        ]
        const keys = [publicKey(), publicKey()]
        const hashed = (name: string) => hashedName(name, Buffer.from('01234567890123456789'))
        for (let round = 0; round < 8; round++) {
          const lines = Array.from({ length: 12 }, () => {
            const hosts = choose([
              () => hashed(choose(names)),
              () => choose(patterns),
              () => [choose(patterns), choose(patterns), choose(patterns)].join(','),
            ])()
            return `${choose(['', '', '', '@revoked ', '@cert-authority ', '# '])}${hosts} ${choose(keys)}${choose(['', ' a comment'])}`
          })
          const file = join(folder, `known${round}`)
          await writeFile(file, `${lines.join('\n')}\n`)
          for (const name of names) {
            const found = await run('ssh-keygen', ['-F', name, '-f', file]).then(
              (it) => it.stdout,
              () => '',
            )
            const theirs = [...found.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]))
            const ours = parseKnownHosts(lines.join('\n'), file).filter((entry) => matchesHost(entry.hosts, name))
            assert.equal(
              ours.map((entry) => entry.line),
              theirs,
              `${name} in\n${lines.join('\n')}`,
            )
          }
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    test('an unknown key is refused with its fingerprint and the command that accepts it, which works', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const target = first(rig)
      await writeFile(rig.knownHosts, '')
      const error = await refusedBy(target, { home: rig.clientHome })
      assert.is(error.stage, 'host-key')
      assert.is(error.retryable, false)
      const { stdout } = await run('sh', ['-c', `echo '${rig.hosts[0]?.hostKey}' | ssh-keygen -lf -`])
      assert.match(error.message, stdout.split(' ')[1] ?? 'no fingerprint')
      assert.match(error.hint ?? '', '--accept-new-host-keys')
      const command = /ssh-keyscan .* >> \S+/.exec(error.hint ?? '')?.[0]
      assert.ok(command)
      await run('sh', ['-c', command])
      await dialed(target, async () => {}, { home: rig.clientHome })
    })

    test('a changed key is refused even where new ones are accepted, with the line and the command that removes it', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const target = first(rig)
      await writeFile(rig.knownHosts, `# a comment\n[${target.address}]:${target.port} ${publicKey()}\n`)
      const error = await refusedBy({ ...target, hostKeys: 'accept-new' }, { home: rig.clientHome })
      assert.is(error.stage, 'host-key')
      assert.match(error.message, 'has changed')
      assert.match(error.message, `${rig.knownHosts}:2: ED25519 key SHA256:`)
      const command = /ssh-keygen -R .*/.exec(error.hint ?? '')?.[0]
      assert.ok(command)
      await run('sh', ['-c', command])
      assert.match((await refusedBy(target, { home: rig.clientHome })).message, 'is not known')
    })

    test('a revoked key is refused, even though it is known as well', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const target = first(rig)
      await appendFile(rig.knownHosts, `@revoked * ${rig.hosts[0]?.hostKey}\n`)
      const error = await refusedBy({ ...target, hostKeys: 'accept-new' }, { home: rig.clientHome })
      assert.match(error.message, 'revoked')
      assert.match(error.message, `${rig.knownHosts}:2`)
    })

    test('new keys of many hosts are remembered once each when that is asked for, hashed if ssh is configured so', async () => {
      await using rig = await sshdRig({ user: 'root', hosts: 8 })
      const config = `${rig.clientHome}/.ssh/config`
      await writeFile(config, `UserKnownHostsFile ${rig.knownHosts}\nHashKnownHosts yes\n`)
      // Without a final newline, as an editor may leave it.
      await writeFile(rig.knownHosts, `other ${publicKey()}`)
      for (const round of ['accept', 'known'] as const) {
        const dialer = createDialer({ home: rig.clientHome })
        const targets = rig.targets.map(byFile)
        const hostKeys = round === 'accept' ? ('accept-new' as const) : ('refuse' as const)
        const connections = await Promise.all(
          targets.map((target) => dialer.dial({ ...target, hostKeys, sshConfig: config })),
        )
        await Promise.all(connections.map((connection) => connection.close()))
        await dialer.close()
      }
      const lines = (await readFile(rig.knownHosts, 'utf8')).trimEnd().split('\n')
      assert.is(lines.length, 9)
      assert.ok(lines.slice(1).every((line) => line.startsWith('|1|')))
      for (const { address, port } of rig.targets) {
        const { stdout } = await run('ssh-keygen', ['-F', `[${address}]:${port}`, '-f', rig.knownHosts])
        assert.match(stdout, 'found: line')
      }
    })

    test('a host with several keys shows the one that is known', async () => {
      await using rig = await sshdRig({ user: 'root', hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
      const [target] = rig.targets
      assert.ok(target)
      for (const type of ['ssh-rsa', 'ecdsa-sha2', 'ssh-ed25519']) {
        const knownHosts = (target.knownHosts ?? []).filter((line) => line.includes(` ${type}`))
        assert.is(knownHosts.length, 1)
        await dialed({ ...target, knownHosts }, async () => {})
      }
    })

    test('a line without port counts for any port when it fits', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const [host] = rig.hosts
      assert.ok(host)
      await dialed({ ...host.target, knownHosts: [`${host.address} ${host.hostKey}`] }, async () => {})
    })

    test('a line of a certificate authority does not make a plain key known, and is mentioned', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const [host] = rig.hosts
      assert.ok(host)
      const knownHosts = [`@cert-authority * ${host.hostKey}`]
      const error = await refusedBy({ ...host.target, knownHosts, transport: 'ssh2' })
      assert.match(error.message, 'certificates need the transport openssh')
      assert.is((await refusedBy({ ...host.target, knownHosts })).stage, 'host-key')
    })

    test('further keys that a known host proves are learnt, so that it may change the one that was known', async () => {
      await using rig = await sshdRig({ user: 'root', hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
      const [host] = rig.hosts
      assert.ok(host)
      const { knownHosts: lines = [], ...target } = host.target
      const file = `${rig.clientHome}/.ssh/known_hosts`
      await writeFile(file, `${lines[0]}\n`)
      const learnt = async () => (await readFile(file, 'utf8')).trim().split('\n').toSorted()
      const options = { home: rig.clientHome }
      const config = `${rig.folder}/ssh_config`
      for (const transport of ['ssh2', 'openssh'] as const) {
        await writeFile(file, `${lines[0]}\n`)
        await writeFile(config, `UserKnownHostsFile ${file}\nUpdateHostKeys yes\n`)
        const all = async () => (await learnt()).length === lines.length
        await dialed({ ...target, transport, sshConfig: config }, () => eventually(all, 10_000), options)
        assert.equal(await learnt(), lines.toSorted(), transport)
        // What is known by any of them may be changed for another: the first key is not shown any more.
        const others = { ...target, transport, sshConfig: config }
        await rotated(rig, () => dialed(others, (it) => output(it, 'echo rotated'), options))
        // Pinned keys stay what they are, and so does a file that ssh is told not to touch.
        await writeFile(file, `${lines[0]}\n`)
        await writeFile(config, `UserKnownHostsFile ${file}\nUpdateHostKeys no\n`)
        await dialed({ ...target, transport, sshConfig: config }, (it) => output(it, 'sleep 0.3'), options)
        assert.is((await learnt()).length, 1, transport)
      }
    })

    test('a HostKeyAlias is the name that counts', async () => {
      await using rig = await sshdRig({ user: 'root' })
      const config = `${rig.folder}/ssh_config`
      await writeFile(config, 'HostKeyAlias the-cluster\n')
      const [host] = rig.hosts
      assert.ok(host)
      await dialed({ ...host.target, sshConfig: config, knownHosts: [`the-cluster ${host.hostKey}`] }, async () => {})
      const error = await refusedBy({ ...host.target, sshConfig: config })
      assert.match(error.message, 'is not known')
    })
  },
  15_000,
)
