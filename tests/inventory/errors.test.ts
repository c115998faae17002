import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadInventory } from '../../inventory/load.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

async function fault(source: string, cwd: string): Promise<TsplayError> {
  try {
    await loadInventory([source], { cwd })
  } catch (error) {
    if (error instanceof TsplayError && error.code === 'INVENTORY') return error
    throw error
  }
  throw new Error('it loaded')
}

/** Text, whole message, whole hint. */
const cases: Readonly<Record<string, readonly [text: string, message: string, hint: string | undefined]>> = {
  'a list of hosts shows how to write them': [
    'all:\n  hosts:\n    - web1\n',
    'x.yaml:3:5: "hosts" must be a mapping of host names; this is a list\n  3 |     - web1\n    |     ^',
    'Write each host as a key that ends in a colon, without a dash:\n    hosts:\n      web1: {}\n      web2: {}',
  ],
  'a duplicate key names the first line': [
    'all:\n  hosts:\n    web1:\n    web2:\n    web1:\n',
    'x.yaml:5:5: "web1" is here twice: first in line 3\n  5 |     web1:\n    |     ^',
    'Keep one of them.',
  ],
  'a duplicate key deep inside a value is found': [
    'all: { vars: { a: [{ b: 1, b: 2 }] } }\n',
    'x.yaml:1:28: "b" is here twice: first in line 1\n  1 | all: { vars: { a: [{ b: 1, b: 2 }] } }\n    |                            ^',
    'Keep one of them.',
  ],
  'a tab as indentation': [
    'all:\n\thosts:\n',
    'x.yaml:2:1: a tab: YAML is indented with spaces\n  2 | \thosts:\n    | ^',
    'Replace the tab by spaces.',
  ],
  'an unknown key in a group is compared with the known ones': [
    'web:\n  host:\n    a:\n',
    'x.yaml:2:3: group "web" has an unknown key "host". Did you mean "hosts"?\n  2 |   host:\n    |   ^',
    'A group has hosts, children and vars. Variables go below vars:, groups below children:.',
  ],
  'a quote that is never closed is shown where it opens': [
    'all:\n  vars:\n    a: "x\n    b: 1\n',
    'x.yaml:3:8: this quote is never closed\n  3 |     a: "x\n    |        ^',
    'Close it in the same line.',
  ],
  'an indentation that does not fit is shown in its own line': [
    'all:\n  hosts:\n    web1:\n   web2:\n',
    'x.yaml:4:4: the indentation does not fit: All mapping items must start at the same column\n  4 |    web2:\n    |    ^',
    'Entries of one mapping begin in the same column.',
  ],
  'Jinja without quotes': [
    'all:\n  vars:\n    a: {{ x }}\n',
    'x.yaml:3:8: {{ begins a mapping in YAML, not text\n  3 |     a: {{ x }}\n    |        ^',
    'Put the whole value in quotes: "{{ … }}".',
  ],
  'a host with an address as its value': [
    'all:\n  hosts:\n    web1: 10.0.0.1\n',
    'x.yaml:3:11: host "web1" must have a mapping of variables, or nothing; this is text\n  3 |     web1: 10.0.0.1\n    |           ^',
    'For an address write web1: { ansible_host: 10.0.0.1 }',
  ],
  'a group that is written as a boolean': [
    'no:\n  hosts:\n    bergen:\n',
    'x.yaml:1:1: this key is a boolean in YAML; names are text\n  1 | no:\n    | ^',
    'Put it in quotes: "no".',
  ],
  'a loop of groups': [
    'a:\n  children:\n    b:\nb:\n  children:\n    a:\n',
    'x.yaml:6:5: the group contains itself: a > b > a\n  6 |     a:\n    |     ^',
    'Remove one of these children.',
  ],
  'a range that ends before it begins': [
    'all: { hosts: { "web[3:1]": } }\n',
    'x.yaml:1:17: the range [3:1] ends before it begins\n  1 | all: { hosts: { "web[3:1]": } }\n    |                 ^',
    'Ranges are written web[1:20], web[01:20], db[a:f] or n[0:10:2].',
  ],
  'a number that JavaScript can not hold': [
    'all: { vars: { id: 12345678901234567890 } }\n',
    'x.yaml:1:20: this number is too large to be kept exactly\n  1 | all: { vars: { id: 12345678901234567890 } }\n    |                    ^',
    'Put it in quotes.',
  ],
  'an empty file': [
    '# nothing\n',
    'x.yaml: the file is empty; an inventory names at least one group',
    'Write at least: all: { hosts: { web1: {} } }',
  ],
  'an encrypted file': [
    '$ANSIBLE_VAULT;1.1;AES256\n3434\n',
    "x.yaml:1:1: this file is a damaged text of Ansible's vault: it does not hold salt, check sum and content\n  1 | $ANSIBLE_VAULT;1.1;AES256\n    | ^",
    'Encrypt it again.',
  ],
  'a password in a line that is shown is left out': [
    'all:\n  vars:\n    db_password: "hunter2\n',
    'x.yaml:3:18: this quote is never closed\n  3 |     db_password: (not shown)\n    |                  ^',
    'Close it in the same line.',
  ],
  'control characters can not reach the terminal': [
    'all:\n  host\u001b[31m: 1\n',
    'x.yaml:2:3: group "all" has an unknown key "host·[31m".\n  2 |   host·[31m: 1\n    |   ^',
    'A group has hosts, children and vars. Variables go below vars:, groups below children:.',
  ],
}

suite('inventory errors', (test) => {
  for (const [title, [text, message, hint]] of Object.entries(cases)) {
    test(title, async () => {
      await using files = await folder({ 'x.yaml': text })
      const error = await fault('x.yaml', files.path)
      assert.is(error.message, message)
      assert.is(error.hint, hint)
    })
  }

  test('other faults are INVENTORY errors that point at a line', async () => {
    const texts = {
      'a list at the top': ['- web1\n', /1:1: an inventory is a mapping of groups, this is a list/],
      'hosts at the top': ['hosts:\n  a:\n', /1:1: "hosts" stands at the top/],
      'a second document': ['all:\n---\nall:\n', /2:1: a second document/],
      'an unknown tag': ['all: { vars: { a: !foo x } }\n', /1:19: .*!foo/],
      'an alias of nothing': ['all: { vars: { a: *x } }\n', /1:19: nothing above is marked &x/],
      'vars as a list': ['all:\n  vars:\n    - a: 1\n', /3:5: "vars" must be a mapping/],
      'a group as a list': ['web:\n  - a\n', /2:3: group "web" must be a mapping/],
      'a number as host': ['all: { hosts: { 1234: } }\n', /1:17: this key is a number/],
      'two colons': ['all:\n  vars:\n    a: b: c\n', /3:8: a mapping can not begin here/],
      'a plugin': ['plugin: aws_ec2\n', /1:1: .*plugins, which are not supported/],
      'all as a child': ['a: { children: { all: } }\n', /1:18: "all" holds every group/],
      'a bad priority': ['a: { vars: { ansible_group_priority: high } }', /1:38: ansible_group_priority/],
      'a huge range': ['all: { hosts: { "a[1:999999]": } }\n', /1:17: .*more than 100000 hosts/],
      'a space in a name': ['all: { hosts: { "a b": } }\n', /1:17: "a b" is no host name/],
    } as const
    for (const [what, [text, expected]] of Object.entries(texts)) {
      await using files = await folder({ 'x.yaml': text })
      assert.match((await fault('x.yaml', files.path)).message, expected, what)
    }
  })

  test('a missing file names a file beside it that is meant', async () => {
    await using files = await folder({ 'hosts.yaml': 'all:\n' })
    const error = await fault('host.yaml', files.path)
    assert.is(error.message, 'host.yaml: there is no such file')
    assert.is(error.hint, 'Beside it is: hosts.yaml')
  })

  test('a folder without an inventory says which of its files are left out', async () => {
    await using files = await folder({ 'inv/hosts.ini': '[web]\n', 'inv/group_vars/all.yml': 'a: 1\n' })
    const error = await fault('inv', files.path)
    assert.is(error.message, 'inv: there is no inventory in this folder')
    assert.match(error.hint ?? '', /Files such as hosts\.ini are left out/)
  })

  test('a binary file is told from a text', async () => {
    await using files = await folder({})
    await writeFile(join(files.path, 'x.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0x80]))
    assert.is((await fault('x.yaml', files.path)).message, 'x.yaml: this is no UTF-8 text')
  })

  test('aliases that grow without bound, loops of aliases and deep nesting end with an error', async () => {
    const levels = 'abcdefgh'.split('').map((name, i, all) => {
      const of = i === 0 ? 'x' : `*${all[i - 1]}`
      return `    ${name}: &${name} [${Array(10).fill(of).join(', ')}]\n`
    })
    for (const text of [`all:\n  vars:\n${levels.join('')}`, 'all: { vars: { a: &a [*a] } }\n']) {
      await using files = await folder({ 'x.yaml': text })
      assert.match(
        (await fault('x.yaml', files.path)).message,
        /x\.yaml:1?\d*:\d+: (?:aliases make|mappings and lists are nested)/,
      )
    }
    // Composing them would end Node where the process has parsed nothing before.
    for (const [opening, column] of [
      ['[', 203],
      ['{', 203],
      ['- ', 404],
      ['{a: ', 806],
    ] as const) {
      await using files = await folder({ 'x.yaml': opening.repeat(20_000) })
      const { message } = await fault('x.yaml', files.path)
      const [first] = message.split('\n')
      assert.is(first, `x.yaml:1:${column}: mappings and lists are nested more than 200 levels deep here`)
    }
  })
})
