import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from '../inventory/folder.ts'
import { commandLine } from './command-line.ts'

const vars = `pw: !age hunter2 # the database's
plain: stays
list: [!age "a: b", c]
pem: !age |
  -----BEGIN X-----
  two
`

/** A folder with a key of its own, and the command line in it. */
async function place(files: Readonly<Record<string, string>> = {}) {
  const made = await folder({ 'hosts.yaml': 'all: { hosts: { h: } }\n', ...files })
  const env = { HOME: made.path }
  const type = (args: readonly string[], more: Readonly<Record<string, string>> = {}, input = '') =>
    commandLine(args, made.path, { ...env, ...more }, input)
  const fine = async (...args: Parameters<typeof type>) => {
    const ended = await type(...args)
    assert.is(ended.code, 0, `${args[0].join(' ')}: ${ended.stderr}`)
    return ended.stdout
  }
  const read = (file: string) => readFile(join(made.path, file), 'utf8')
  return Object.assign(made, { type, fine, read })
}

const recipientIn = (text: string) => /age1[a-z0-9]{58}/.exec(text)?.[0] ?? 'no recipient'

suite(
  'tsplay secrets',
  (test) => {
    test('keygen writes a key that only its owner can read, and never over another', async () => {
      await using made = await place()
      const said = await made.fine(['secrets', 'keygen'])
      const key = await made.read('.config/tsplay/age.key')
      assert.match(key, /^# created: .*\n# public key: age1[a-z0-9]{58}\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n$/)
      assert.is(recipientIn(said), recipientIn(key))
      assert.is((await stat(join(made.path, '.config/tsplay/age.key'))).mode & 0o777, 0o600)
      const again = await made.type(['secrets', 'keygen'])
      assert.is(again.code, 2)
      assert.match(again.stderr, /there is a file .*age\.key already/)
      assert.is(await made.read('.config/tsplay/age.key'), key)
    })

    test('encrypt seals what is tagged !age, keeps the rest of the file to the byte, and decrypt gives it back', async () => {
      await using made = await place({ 'vars.yaml': vars })
      await made.fine(['secrets', 'keygen'])
      assert.is(await made.fine(['secrets', 'encrypt', 'vars.yaml']), 'vars.yaml: 3 values encrypted\n')
      const sealed = await made.read('vars.yaml')
      assert.not.match(sealed, /hunter2|a: b|two/)
      assert.match(sealed, /^pw: !age \| # the database's\n {2}-----BEGIN AGE ENCRYPTED FILE-----\n/)
      assert.match(sealed, /\nplain: stays\nlist: \[!age "-----BEGIN AGE[^\n]*", c\]\npem: !age \|\n/)
      assert.is(await made.fine(['secrets', 'decrypt', 'vars.yaml']), vars.replace('!age hunter2', '!age "hunter2"'))
      assert.match(await made.fine(['secrets', 'encrypt', 'vars.yaml']), /everything is encrypted already/)
    })

    test('encrypt refuses a file in which nothing is tagged, and takes it as a whole when told to', async () => {
      await using made = await place({ 'vars.yaml': 'a: 1\n' })
      await made.fine(['secrets', 'keygen'])
      const refused = await made.type(['secrets', 'encrypt', 'vars.yaml'])
      assert.match(refused.stderr, /nothing in vars\.yaml is tagged !age[^]*--whole/)
      await made.fine(['secrets', 'encrypt', '--whole', 'vars.yaml'])
      assert.match(await made.read('vars.yaml'), /^-----BEGIN AGE ENCRYPTED FILE-----\n/)
      const twice = await made.type(['secrets', 'encrypt', '--whole', 'vars.yaml'])
      assert.match(twice.stderr, /vars\.yaml is encrypted already/)
      assert.is(await made.fine(['secrets', 'decrypt', 'vars.yaml']), 'a: 1\n')
    })

    test('encrypt refuses a second document, in which what is tagged would stay as it is', async () => {
      await using made = await place({ 'vars.yaml': 'a: !age x\n---\nb: !age y\n' })
      await made.fine(['secrets', 'keygen'])
      const { code, stderr } = await made.type(['secrets', 'encrypt', 'vars.yaml'])
      assert.not.equal(code, 0)
      assert.match(stderr, /vars\.yaml:2:1: a second document begins here/)
      assert.is(await made.read('vars.yaml'), 'a: !age x\n---\nb: !age y\n')
    })
    test('a value from standard input comes back as lines for YAML', async () => {
      await using made = await place()
      await made.fine(['secrets', 'keygen'])
      const lines = await made.fine(['secrets', 'encrypt', '--name', 'db_password'], {}, 'hunter2\n')
      assert.match(lines, /^db_password: !age \|\n {2}-----BEGIN AGE ENCRYPTED FILE-----\n/)
      await writeFile(join(made.path, 'vars.yaml'), lines)
      assert.is(await made.fine(['secrets', 'decrypt', 'vars.yaml']), 'db_password: !age "hunter2"\n')
    })

    test('edit keeps the armour of what was not changed, and encrypts what is newly tagged', async () => {
      await using made = await place({ 'vars.yaml': 'a: !age one\nb: !age two\n' })
      await made.fine(['secrets', 'keygen'])
      await made.fine(['secrets', 'encrypt', 'vars.yaml'])
      const before = await made.read('vars.yaml')
      const editor = `sh -c 'stat -c "%a %n" "$1" > mode; sed -i "s/one/three/; \\$ac: !age four" "$1"' sh`
      assert.is(
        await made.fine(['secrets', 'edit', 'vars.yaml'], { EDITOR: editor.replace('> mode', `> ${made.path}/mode`) }),
        'vars.yaml: saved\n',
      )
      const after = await made.read('vars.yaml')
      assert.is(after.slice(after.indexOf('b:'), after.indexOf('c:')), before.slice(before.indexOf('b:')))
      assert.is(
        await made.fine(['secrets', 'decrypt', 'vars.yaml']),
        'a: !age "three"\nb: !age "two"\nc: !age "four"\n',
      )
      const [mode = '', file = ''] = (await made.read('mode')).trim().split(' ')
      assert.is(mode, '600')
      assert.is(await stat(file).catch(() => 'gone'), 'gone')
      const failed = await made.type(['secrets', 'edit', 'vars.yaml'], { EDITOR: 'false' })
      assert.match(failed.stderr, /the editor ended with code 1: nothing was changed/)
      assert.is(await made.read('vars.yaml'), after)
    })

    test('rekey encrypts for whom .age-recipients names, in every file below a folder', async () => {
      await using made = await place({
        'group_vars/all/values.yaml': 'a: !age one\n',
        'group_vars/all/whole.yaml': 'b: two\n',
        'group_vars/all/plain.yaml': 'c: three\n',
      })
      await made.fine(['secrets', 'keygen'])
      await made.fine(['secrets', 'encrypt', 'group_vars/all/values.yaml'])
      await made.fine(['secrets', 'encrypt', '--whole', 'group_vars/all/whole.yaml'])
      const other = recipientIn(await made.fine(['secrets', 'keygen', '--output', 'other.key']))
      await writeFile(join(made.path, '.age-recipients'), `# us\n${other}\n`)
      assert.is(
        await made.fine(['secrets', 'rekey', 'group_vars']),
        'group_vars/all/values.yaml: encrypted anew\ngroup_vars/all/whole.yaml: encrypted anew\n',
      )
      const mine = await made.type(['secrets', 'decrypt', 'group_vars/all/values.yaml'])
      assert.match(mine.stderr, /values\.yaml:1:\d+: the value is encrypted with age, and not for the key given/)
      const theirs = ['--age-key', 'other.key']
      assert.is(await made.fine(['secrets', 'decrypt', ...theirs, 'group_vars/all/values.yaml']), 'a: !age "one"\n')
      assert.is(await made.fine(['secrets', 'decrypt', ...theirs, 'group_vars/all/whole.yaml']), 'b: two\n')
      assert.is(await made.read('group_vars/all/plain.yaml'), 'c: three\n')
    })

    test('a value that is tagged and not encrypted is refused, and not shown', async () => {
      await using made = await place({ 'group_vars/all.yaml': vars })
      const listed = await made.type(['inventory', 'list', '-i', 'hosts.yaml'])
      assert.is(listed.code, 2)
      assert.match(listed.stderr, /all\.yaml:1:5: this value is to be encrypted with age, and is not yet/)
      assert.match(listed.stderr, /pw: !age \(not shown\)/)
      assert.not.match(listed.stderr, /hunter2/)
    })

    test('keys come from the option, else from the environment, else from the own file', async () => {
      await using made = await place({ 'vars.yaml': 'a: !age one\n' })
      const recipient = recipientIn(await made.fine(['secrets', 'keygen', '--output', 'k']))
      await made.fine(['secrets', 'encrypt', '-r', recipient, 'vars.yaml'])
      const key = /AGE-SECRET-KEY-\S+/.exec(await made.read('k'))?.[0] ?? ''
      const decrypt = ['secrets', 'decrypt', 'vars.yaml']
      assert.match((await made.type(decrypt)).stderr, /is encrypted with age, and no key was given/)
      assert.is(await made.fine([...decrypt, '--age-key', 'k']), 'a: !age "one"\n')
      assert.is(await made.fine(decrypt, { TSPLAY_AGE_KEY_FILE: 'k' }), 'a: !age "one"\n')
      assert.is(await made.fine(decrypt, { TSPLAY_AGE_KEY: key }), 'a: !age "one"\n')
      const wrong = await made.type([...decrypt, '--age-key', 'vars.yaml'])
      assert.match(wrong.stderr, /vars\.yaml has a line that is no key of age/)
      const swapped = await made.type(['secrets', 'encrypt', '-r', key], {}, 'x')
      assert.match(swapped.stderr, /-r: a private key stands where a public one belongs/)
      assert.not.match(swapped.stderr, /AGE-SECRET-KEY-1[A-Z0-9]{20}/)
    })

    test('a passphrase encrypts and opens, and another one does not', async () => {
      await using made = await place({ 'vars.yaml': 'a: !age one\n' })
      const right = { TSPLAY_AGE_PASSPHRASE: 'correct horse' }
      await made.fine(['secrets', 'encrypt', '--passphrase', 'vars.yaml'], right)
      assert.is(await made.fine(['secrets', 'decrypt', 'vars.yaml'], right), 'a: !age "one"\n')
      const wrong = await made.type(['secrets', 'decrypt', 'vars.yaml'], { TSPLAY_AGE_PASSPHRASE: 'no' })
      assert.match(wrong.stderr, /is encrypted with age, and another passphrase opens it/)
    })
  },
  60_000,
)
