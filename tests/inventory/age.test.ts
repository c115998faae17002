import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadInventory } from '../../inventory/load.ts'
import { AgeKeyring } from '../../inventory/secrets/age/age-keyring.ts'
import type { AgeKey } from '../../inventory/secrets/age/age-key.ts'
import { scryptRecipient } from '../../inventory/secrets/age/scrypt.ts'
import { sealText } from '../../inventory/secrets/age/seal.ts'
import { sshRecipient } from '../../inventory/secrets/age/ssh-stanza.ts'
import { checkVars } from '../../inventory/vars.ts'
import { ageKeys } from '../../runner/cli/secrets/age-keys.ts'
import { reveal, Secret } from '../../runner/model/secret.ts'
import { readPublicKey } from '../../runner/transport/ssh/auth/key-pair.ts'
import { assert, skip, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

/** Skips the test where the program age is not here to exchange files with. */
function needAge(): void {
  if (spawnSync('age', ['--version'], { stdio: 'ignore' }).status !== 0) skip('age is not installed')
}

const run = (command: string, args: readonly string[], input = '') => execFileSync(command, args, { input }).toString()

async function newKey(): Promise<{ readonly key: AgeKey; readonly recipient: string }> {
  const { generateIdentity, identityToRecipient } = await import('age-encryption')
  const text = await generateIdentity()
  return { key: { label: 'own', identity: new Secret(text) }, recipient: await identityToRecipient(text) }
}

const openWith = async (keys: readonly AgeKey[], text: string) => {
  const [opened] = await new AgeKeyring({ keys: () => Promise.resolve(keys) }).openAll([text])
  return opened
}

const block = (text: string) => `!age |\n${text.trimEnd().replaceAll(/^/gm, ' '.repeat(8))}\n`

/** Changes one bit of the binary file inside an armour. */
function damaged(armour: string, at: (length: number) => number): string {
  const lines = armour.trim().split('\n')
  const bytes = Buffer.from(lines.slice(1, -1).join(''), 'base64')
  const index = at(bytes.length)
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return [lines[0], ...(bytes.toString('base64').match(/.{1,64}/g) ?? []), lines.at(-1)].join('\n')
}

suite(
  'secrets by age',
  (test) => {
    test('what the program age encrypts is opened here, and what is encrypted here it opens', async () => {
      needAge()
      await using made = await folder({})
      const path = (name: string) => join(made.path, name)
      run('age-keygen', ['-o', path('key')])
      const recipient = run('age-keygen', ['-y', path('key')]).trim()
      const keys = await ageKeys({ ageKey: [path('key')] }, { env: {}, cwd: made.path }).keys()
      const theirs = run('age', ['-a', '-r', recipient], 'from age é')
      assert.equal(await openWith(keys, theirs), { text: 'from age é' })
      writeFileSync(path('ours'), await sealText('from here é', [recipient]))
      assert.is(run('age', ['-d', '-i', path('key'), path('ours')]), 'from here é')
    })

    for (const kind of ['ed25519', 'rsa'] as const) {
      test(`ssh keys of the kind ${kind} open and encrypt, both ways`, async () => {
        needAge()
        await using made = await folder({})
        const file = join(made.path, 'id')
        run('ssh-keygen', ['-q', '-t', kind, ...(kind === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-f', file])
        const keys = await ageKeys({ ageKey: [file] }, { env: {}, cwd: made.path }).keys()
        const theirs = run('age', ['-a', '-R', `${file}.pub`], 'from age')
        assert.equal(await openWith(keys, theirs), { text: 'from age' })
        const pub = readPublicKey(readFileSync(`${file}.pub`, 'utf8'))
        if (!pub) throw new Error('this is no public key')
        writeFileSync(
          join(made.path, 'ours'),
          await sealText('from here', [sshRecipient({ ...pub, kind: `ssh-${kind}` })]),
        )
        assert.is(run('age', ['-d', '-i', file, join(made.path, 'ours')]), 'from here')
        const { key: other } = await newKey()
        const refused = await openWith([other], theirs)
        assert.match(
          refused?.failure?.reason ?? '',
          /is encrypted with age for ssh keys, and not for the key given \(own\)/,
        )
      })
    }

    test('a passphrase of the program age opens here, and ours there', async () => {
      needAge()
      if (spawnSync('script', ['--version']).status !== 0) skip('script is not installed: age asks at a terminal only')
      await using made = await folder({ plain: 'by passphrase' })
      // It asks at the terminal alone: twice for a new passphrase, once for a known one.
      const typed = (command: string, input: string) =>
        spawnSync('script', ['-qec', command, '/dev/null'], { input, cwd: made.path, timeout: 60_000 })
      typed('age -p -a -o theirs plain', 'correct horse\ncorrect horse\n')
      const passphrase = () => Promise.resolve(new Secret('correct horse'))
      const keyring = new AgeKeyring({ keys: () => Promise.resolve([]), passphrase })
      const theirs = readFileSync(join(made.path, 'theirs'), 'utf8')
      assert.equal(await keyring.openAll([theirs]), [{ text: 'by passphrase' }])
      writeFileSync(join(made.path, 'ours'), await sealText('from here', [scryptRecipient(await passphrase())]))
      typed('age -d -o opened ours', 'correct horse\n')
      assert.is(readFileSync(join(made.path, 'opened'), 'utf8'), 'from here')
    })

    test('values in YAML and JSON and whole files, also binary ones, become Secrets', async () => {
      const { key, recipient } = await newKey()
      const seal = (text: string) => sealText(text, [recipient])
      await using made = await folder({
        'hosts.yaml': `all:\n  hosts:\n    h:\n      a: ${block(await seal('hunter2-é'))}      list: [{ b: ${JSON.stringify(await seal('inner'))} }]\n`,
        'host_vars/h.json': JSON.stringify({ c: await seal('from json') }),
        'group_vars/all/whole.yml': await seal('d: from file\nn: 1234\nt: true\n'),
      })
      const { armor } = await import('age-encryption')
      writeFileSync(join(made.path, 'group_vars/all/binary.yml'), armor.decode(await seal('e: binary\n')))
      const inventory = await loadInventory(['hosts.yaml'], {
        cwd: made.path,
        ageKeys: { keys: () => Promise.resolve([key]) },
      })
      const vars = inventory.hosts.get('h')?.vars ?? {}
      const opened = (value: unknown) =>
        value instanceof Secret ? (reveal(value) as unknown) : `no secret: ${typeof value}`
      assert.equal(
        ['a', 'c', 'd', 'n', 'e'].map((name) => opened(vars[name])),
        ['hunter2-é', 'from json', 'from file', 1234, 'binary'],
      )
      assert.is(opened((vars['list'] as { b: unknown }[])[0]?.b), 'inner')
      assert.is(vars['t'], true)
    })

    test('missing key, wrong key, changed text and damaged text are told apart, with their places, before any run', async () => {
      const [{ key, recipient }, { key: other }] = [await newKey(), await newKey()]
      const whole = await sealText('hunter2', [recipient])
      const problemOf = async (text: string, keys: readonly AgeKey[]) => {
        await using made = await folder({ 'hosts.yaml': `all:\n  hosts:\n    h:\n      a: ${block(text)}` })
        const inventory = await loadInventory(['hosts.yaml'], {
          cwd: made.path,
          ageKeys: { keys: () => Promise.resolve(keys) },
        })
        const { problems } = await checkVars(inventory, ['h'], [], 'a test')
        return problems.map(({ origin, message }) => `${origin.line}: ${message}`).join('\n')
      }
      assert.is(await problemOf(whole, [key]), '')
      assert.is(await problemOf(whole, []), '4: the value is encrypted with age, and no key was given')
      assert.match(
        await problemOf(whole, [other]),
        /^4: the value is encrypted with age, and not for the key given \(own\)/,
      )
      for (const at of [(length: number) => length - 1, (length: number) => length - 30]) {
        const reason = await problemOf(damaged(whole, at), [key])
        assert.match(reason, /^4: the value is a text of age that was changed or cut after it was encrypted/)
      }
      assert.match(
        await problemOf(
          damaged(whole, () => 3),
          [key],
        ),
        /^4: the value is a damaged text of age: its header is broken/,
      )
      const cut = whole.split('\n').toSpliced(2, 1, 'Y').join('\n')
      assert.match(await problemOf(cut, [key]), /^4: the value is a damaged text of age: its armour is broken/)
    })

    test('nobody is asked for keys where nothing is encrypted', async () => {
      await using made = await folder({ 'hosts.yaml': 'all: { hosts: { h: { a: 1 } } }\n' })
      const keys = () => Promise.reject(new Error('asked for keys'))
      const inventory = await loadInventory(['hosts.yaml'], { cwd: made.path, ageKeys: { keys } })
      assert.is(inventory.hosts.size, 1)
    })
  },
  60_000,
)
