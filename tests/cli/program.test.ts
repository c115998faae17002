import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { commandLine } from './command-line.ts'

const hosts = `
all:
  children:
    web:
      hosts:
        web1: { ansible_host: 127.0.0.1, ansible_port: 9 }
        web2: { ansible_host: 127.0.0.1, ansible_port: 9 }
`

const site = `
import { playbook } from 'tsplay'
const site = playbook('site')
site.play('First', { hosts: 'web', tags: ['one', 'both'] }, async (host) => { await host.read\`true\` })
site.play('Second', { hosts: 'web[0]', tags: ['both'] }, async (host) => { await host.read\`true\` })
export default site
`

suite(
  'the command line',
  (test) => {
    test('guesses what a misspelt command or option was to be, and ends with 2', async () => {
      await using folder = await temporaryFolder()
      const command = await commandLine(['runn', 'site.ts'], folder.path)
      assert.is(command.code, 2)
      assert.match(command.stderr, "unknown command 'runn'\n(Did you mean run?)")
      const option = await commandLine(['run', 'site.ts', '--chek'], folder.path)
      assert.is(option.code, 2)
      assert.match(option.stderr, '(Did you mean --check?)')
    })

    test('refuses values that make no sense', async () => {
      await using folder = await temporaryFolder()
      for (const wrong of [
        ['--forks', '0'],
        ['--timeout', 'soon'],
        ['--output', 'pretty'],
      ]) {
        const ended = await commandLine(['run', 'site.ts', ...wrong], folder.path)
        assert.is(ended.code, 2, wrong.join(' '))
      }
    })

    test('shows help and version with 0, and help without a command with 2', async () => {
      await using folder = await temporaryFolder()
      const help = await commandLine(['help', 'plan'], folder.path)
      assert.is(help.code, 0)
      assert.match(help.stdout, 'Examples:')
      assert.match(help.stdout, 'Exit codes:')
      const version = await commandLine(['--version'], folder.path)
      assert.is(version.code, 0)
      assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
      assert.is((await commandLine([], folder.path)).code, 2)
    })

    test('finds the inventory beside the playbook, and lists hosts, plays and tags', async () => {
      await using folder = await temporaryFolder({ 'a/site.ts': site, 'a/hosts.yaml': hosts })
      const file = join(folder.path, 'a/site.ts')
      const plays = await commandLine(['list', 'plays', file], folder.path)
      assert.is(plays.stdout, '1. First  (web)  [one, both]\n   web1 web2\n2. Second  (web[0])  [both]\n   web1\n')
      const limited = await commandLine(['list', 'hosts', file, '-l', '!web1,all'], folder.path)
      assert.is(limited.stdout, 'web2\n')
      assert.is((await commandLine(['list', 'tags', file], folder.path)).stdout, 'both\none\n')
    })

    test('says which inventories it looked for when there is none', async () => {
      await using folder = await temporaryFolder({ 'site.ts': site })
      const ended = await commandLine(['run', join(folder.path, 'site.ts')], folder.path)
      assert.is(ended.code, 2)
      assert.match(ended.stderr, 'neither -i, nor TSPLAY_INVENTORY')
      assert.match(ended.stderr, '-i sandbox:3')
    })

    test('refuses an unknown group before any connection, with the line of the play', async () => {
      await using folder = await temporaryFolder({ 'site.ts': site.replace("'web[0]'", "'wep'"), 'hosts.yaml': hosts })
      const ended = await commandLine(['run', join(folder.path, 'site.ts'), '--no-type-check'], folder.path)
      assert.is(ended.code, 2)
      assert.match(ended.stderr, 'no group or host "wep"')
      assert.match(ended.stderr, 'site.ts:5:6')
      assert.match(ended.stderr, 'Did you mean "web"')
      assert.is(ended.stdout, '')
    })

    test('refuses connection variables that make no sense, with their place in the inventory', async () => {
      await using folder = await temporaryFolder({
        'site.ts': site,
        'hosts.yaml': hosts.replace('ansible_port: 9 }', 'ansible_port: ninety }'),
      })
      const ended = await commandLine(['run', join(folder.path, 'site.ts'), '--no-type-check'], folder.path)
      assert.is(ended.code, 2)
      assert.match(ended.stderr, 'ansible_port of web1: a port from 1 to 65535 is expected')
      assert.match(ended.stderr, 'hosts.yaml:6:')
    })

    test('ends with 3 when hosts can not be reached, and keeps a journal', async () => {
      await using folder = await temporaryFolder({ 'site.ts': site, 'hosts.yaml': hosts })
      const file = join(folder.path, 'site.ts')
      const ended = await commandLine(['run', file, '--no-type-check', '--output', 'json'], folder.path)
      assert.is(ended.code, 3, ended.stderr)
      const events = ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; runId?: string; status?: string })
      assert.is(events.at(-1)?.status, 'unreachable')
      const journal = join(folder.path, '.tsplay/runs', events[0]?.runId ?? '', 'events.ndjson')
      assert.match(await readFile(journal, 'utf8'), '"type":"run-finished"')
    })

    test('runs a command on this machine by exec, and shows equal answers together', async () => {
      const local = 'all:\n  hosts:\n    a: { ansible_connection: local }\n    b: { ansible_connection: local }\n'
      await using folder = await temporaryFolder({ 'hosts.yaml': local })
      const ended = await commandLine(['exec', 'all', '--', 'echo one; echo two >&2'], folder.path)
      assert.is(ended.code, 0, ended.stderr)
      assert.is(ended.stdout, 'a b (2 hosts)\n  one\n  stderr: two\n')
      const failed = await commandLine(['exec', 'a', '--', 'false'], folder.path)
      assert.is(failed.code, 1)
      // Both are on record, and neither is taken for the last run of a playbook.
      const runs = join(folder.path, '.tsplay/ad-hoc/runs')
      const journals = (await readdir(runs)).map((run) => readFile(join(runs, run, 'events.ndjson'), 'utf8'))
      assert.is(journals.length, 2)
      assert.match((await Promise.all(journals)).join(''), 'echo one')
      assert.equal(await readdir(join(folder.path, '.tsplay')), ['ad-hoc'])
    })

    test('passes words to exec as words, whatever is in them', async () => {
      const local = 'all:\n  hosts:\n    a: { ansible_connection: local }\n'
      await using folder = await temporaryFolder({ 'hosts.yaml': local })
      const ended = await commandLine(['exec', 'a', '--', 'printf', '%s|', "it's", '$HOME', '-i'], folder.path)
      assert.is(ended.stdout, "a\n  it's|$HOME|-i|\n")
    })

    test('ends plan with 4 on --exit-code when there are changes, and changes nothing', async () => {
      const local = 'all:\n  hosts:\n    a: { ansible_connection: local }\n'
      await using folder = await temporaryFolder({ 'hosts.yaml': local })
      const target = join(folder.path, 'made')
      const file = await folder.write(
        'site.ts',
        `import { playbook } from 'tsplay'
import { directory } from 'tsplay/tasks'
const site = playbook('site')
site.play('Make', { hosts: 'all' }, async (host) => { await host.ensure(directory({ path: ${JSON.stringify(target)} })) })
export default site
`,
      )
      const plan = ['plan', file, '--no-type-check', '--exit-code']
      assert.is((await commandLine(plan, folder.path)).code, 4)
      assert.is((await commandLine(plan, folder.path)).code, 4)
      assert.is((await commandLine(['run', file, '--no-type-check'], folder.path)).code, 0)
      assert.is((await commandLine(plan, folder.path)).code, 0)
    })

    test('init keeps what is there', async () => {
      await using folder = await temporaryFolder({ 'hosts.yaml': 'mine' })
      const ended = await commandLine(['init'], folder.path)
      assert.match(ended.stdout, 'kept    hosts.yaml')
      assert.match(ended.stdout, 'wrote   site.ts')
      assert.is(await readFile(join(folder.path, 'hosts.yaml'), 'utf8'), 'mine')
    })
  },
  20_000,
)
