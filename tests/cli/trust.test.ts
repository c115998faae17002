import { readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'
import { tsplay } from '../helpers/tsplay.ts'

async function inventory(rig: SshdRig, lines: readonly string[] = []): Promise<string> {
  const file = `${rig.folder}/hosts.yaml`
  await writeFile(file, rig.inventoryYaml() + lines.map((line) => `        ${line}\n`).join(''))
  await writeFile(rig.knownHosts, '')
  return file
}

const fingerprints = (text: string) => text.match(/SHA256:\S+/g) ?? []

suite(
  'tsplay trust',
  (test) => {
    test('shows the new keys of all hosts and their jump host, and remembers them with --yes', async () => {
      await using rig = await sshdRig({ hosts: 3, user: 'root', hostKeys: ['ed25519', 'rsa'] })
      const [bastion] = rig.hosts
      assert.ok(bastion)
      const file = await inventory(rig)
      const options = { cwd: rig.folder, home: rig.clientHome }
      await writeFile(
        `${rig.clientHome}/.ssh/config`,
        `IdentityFile ${rig.keyFile}\nUserKnownHostsFile ${rig.knownHosts}\n` +
          `Host ${rig.hosts[2]?.address}\n  ProxyJump root@${bastion.address}:${bastion.port}\n`,
      )
      const nobody = await tsplay(['trust', '-i', file], options)
      assert.is(nobody.code, 2, nobody.stderr)
      assert.is(fingerprints(nobody.stdout).length, 4)
      assert.is(await readFile(rig.knownHosts, 'utf8'), '')

      const first = await tsplay(['trust', '--yes', '-i', file], options)
      assert.is(first.code, 0, first.stdout + first.stderr)
      assert.match(first.stdout, 'new      ED25519 key SHA256:')
      assert.is(fingerprints(first.stdout).length, 6)
      const known = (await readFile(rig.knownHosts, 'utf8')).trim().split('\n').toSorted()
      assert.equal(known, rig.targets.flatMap((target) => target.knownHosts ?? []).toSorted())
      // Nobody has logged in but to the jump host.
      assert.not.match((await rig.hosts[1]?.log()) ?? '', 'Accepted')

      const again = await tsplay(['trust', '-i', file], options)
      assert.is(again.code, 0, again.stderr)
      assert.not.match(again.stdout, 'new ')
      assert.is((await tsplay(['ping', '-i', file], options)).code, 0)
    })

    test('never replaces a key that has changed, nor adds another for such a host', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root', hostKeys: ['ed25519', 'rsa'] })
      const [one, two] = rig.hosts
      assert.ok(one && two)
      const file = await inventory(rig)
      const before = `[${one.address}]:${one.port} ${two.hostKey}\n`
      await writeFile(rig.knownHosts, before)
      const end = await tsplay(['trust', 'h1', '--yes', '-i', file], { cwd: rig.folder, home: rig.clientHome })
      assert.is(end.code, 1, end.stderr)
      assert.match(end.stdout, 'CHANGED  ED25519 key')
      assert.is(await readFile(rig.knownHosts, 'utf8'), before)
    })

    test('prints lines that pin the keys in the inventory, which then suffice', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root' })
      const file = await inventory(rig)
      const options = { cwd: rig.folder, home: rig.clientHome }
      const printed = await tsplay(['trust', '--print', '-i', file], options)
      assert.is(printed.code, 0, printed.stderr)
      const vars = parse(printed.stdout) as Record<string, { connection: { knownHosts: string[] } }>
      assert.equal(vars['h2']?.connection.knownHosts, rig.targets[1]?.knownHosts)
      await writeFile(`${rig.folder}/pinned.yaml`, `all:\n  hosts:\n${printed.stdout.replaceAll(/^/gm, '    ')}\n`)
      const ping = await tsplay(['ping', '-i', file, '-i', `${rig.folder}/pinned.yaml`], options)
      assert.is(ping.code, 0, ping.stdout + ping.stderr)
      assert.is(await readFile(rig.knownHosts, 'utf8'), '')
    })

    test('a host that is down does not keep the others from being trusted', async () => {
      await using rig = await sshdRig({ hosts: 2, user: 'root' })
      rig.hosts[0]?.stopListening()
      const file = await inventory(rig)
      const end = await tsplay(['trust', '--yes', '-i', file], { cwd: rig.folder, home: rig.clientHome })
      assert.is(end.code, 3, end.stderr)
      assert.match(end.stdout, 'unreachable: ')
      assert.is((await readFile(rig.knownHosts, 'utf8')).trim().split('\n').length, 1)
    })
  },
  60_000,
)
