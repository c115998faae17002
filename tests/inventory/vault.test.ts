import { connectionVars } from '../../inventory/connection.ts'
import { readExtraVars } from '../../inventory/extra-vars.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { loadInventory } from '../../inventory/load.ts'
import type { VaultKey } from '../../inventory/secrets/vault-keyring.ts'
import { checkVars } from '../../inventory/vars.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { reveal, Secret } from '../../runner/model/secret.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'
import { devText, fileText, passwords, plainText } from './vault-cases.ts'

const key = (id: keyof typeof passwords, password: string = passwords[id]): VaultKey => ({
  id,
  password: new Secret(password),
})

const block = (text: string) => `!vault |\n${text.replaceAll(/^/gm, ' '.repeat(12))}\n`

const opened = (value: unknown) => (value instanceof Secret ? reveal(value) : `not a secret: ${typeof value}`)

async function load(files: Readonly<Record<string, string>>, vaultKeys: readonly VaultKey[]): Promise<Inventory> {
  await using made = await folder(files)
  return await loadInventory(['hosts.yaml'], { cwd: made.path, vaultKeys })
}

/** What reading a variable of h says. */
async function reading(inventory: Inventory, name: string): Promise<string> {
  const { vars } = await checkVars(inventory, ['h'], [], 'a test')
  try {
    void vars.get('h')?.[name]
    return 'it can be read'
  } catch (error) {
    if (error instanceof TsplayError) return `${error.message}\n${error.hint}`
    throw error
  }
}

const hosts = (vars: string) => `all:\n  hosts:\n    h:\n${vars}`

suite("Ansible's vault", (test) => {
  test('values of versions 1.1 and 1.2 with several ids, also nested and in JSON, become Secrets', async () => {
    const inventory = await load(
      {
        'hosts.yaml': hosts(`      a: ${block(plainText)}      list:\n      - b: ${block(devText)}`),
        'host_vars/h.json': JSON.stringify({ c: { __ansible_vault: `${devText}\n` } }),
      },
      [key('default'), key('dev')],
    )
    const { a, list, c } = inventory.hosts.get('h')?.vars ?? {}
    assert.is(opened(a), 'hunter2-é')
    assert.is(opened((list as { b: unknown }[])[0]?.b), 'dev-secret')
    assert.is(opened(c), 'dev-secret')
  })

  test('a key of any id opens a text, as for Ansible', async () => {
    const inventory = await load({ 'hosts.yaml': hosts(`      b: ${block(devText)}`) }, [key('default', passwords.dev)])
    assert.is(opened(inventory.hosts.get('h')?.vars['b']), 'dev-secret')
  })

  test('texts and numbers of a whole encrypted file become Secrets, and its users and addresses are used', async () => {
    const inventory = await load({ 'hosts.yaml': hosts('      x: 1\n'), 'group_vars/all/vault.yml': `${fileText}\n` }, [
      key('default'),
    ])
    const host = inventory.hosts.get('h')!
    assert.is(opened(host.vars['db_password']), 'from-file')
    assert.is(opened(host.vars['pin']), 1234)
    const { list } = host.vars['nested'] as { list: unknown[] }
    assert.equal([opened(list[0]), list[1], list[2]], ['x', true, null])
    assert.is(connectionVars(host).user, 'deploy')
    assert.throws(() => JSON.stringify(host.vars))
  })

  test('missing key, wrong key, changed text and damaged text are told apart, where the value is read', async () => {
    const files = { 'hosts.yaml': hosts(`      b: ${block(devText)}      other: fine\n`) }
    assert.match(
      await reading(await load(files, []), 'b'),
      /^hosts\.yaml:4:\d+: b of h: the value is encrypted by Ansible's vault, and no password was given/,
    )
    assert.match(
      await reading(await load(files, [key('default')]), 'b'),
      /vault id "dev", and no password for it was given[^]*--vault-id dev@FILE/,
    )
    assert.match(
      await reading(await load(files, [key('dev', 'no')]), 'b'),
      /no given password opens it \(dev\): a wrong password, or/,
    )
    assert.is(await reading(await load(files, []), 'other'), 'it can be read')
    const at = devText.length - 20
    const changed = devText.slice(0, at) + (devText[at] === '6' ? '3' : '6') + devText.slice(at + 1)
    const some = { 'hosts.yaml': hosts(`      a: ${block(devText)}      b: ${block(changed)}`) }
    assert.match(
      await reading(await load(some, [key('dev')]), 'b'),
      /was changed, or encrypted with another password: its check sum is wrong|damaged/,
    )
    const cut = { 'hosts.yaml': hosts(`      b: ${block(devText.slice(0, -3))}`) }
    assert.match(
      await reading(await load(cut, [key('dev')]), 'b'),
      /is a damaged text of Ansible's vault: its body is not hexadecimal, or was cut/,
    )
  })

  test('a file that no key opens is an error with its place, before anything else', async () => {
    const files = { 'hosts.yaml': hosts('      x: 1\n'), 'group_vars/all.yml': fileText }
    const message = (keys: readonly VaultKey[]) =>
      load(files, keys).then(
        () => 'it loaded',
        (error: unknown) => String(error),
      )
    assert.match(
      await message([]),
      /group_vars\/all\.yml:1:1: this file is encrypted by Ansible's vault, and no password for it was given/,
    )
    assert.match(await message([key('default', 'no')]), /this file is encrypted, and no given password opens it/)
  })

  test('an error in an encrypted file does not show its lines', async () => {
    await using made = await folder({ 'vars.yml': fileText })
    const vars = await readExtraVars(['@vars.yml'], made.path, { vaultKeys: [key('default')] })
    assert.is(opened(vars['db_password']), 'from-file')
    const inventory = await load({ 'hosts.yaml': hosts('      x: 1\n'), 'group_vars/all.yml': fileText }, [
      key('default'),
    ])
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'expected text, received from-file', path: ['db_password'] }] }),
      },
    }
    const [problem] = (await checkVars(inventory, ['h'], [schema], 'a test')).problems
    assert.match(problem?.message ?? '', /the value is a Secret, and does not fit the schema|not shown/)
    assert.not.match(JSON.stringify(problem), /from-file/)
  })
})
