import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from '../inventory/folder.ts'
import { commandLine } from './command-line.ts'

const files = {
  'inv/hosts.ini': '[web]\nweb1 port=80 ansible_host=192.0.2.1\nweb2\n[db]\ndb1\n[web:vars]\nport=8080\ntls={{ x }}\n',
  'inv/group_vars/all.yml': 'dns: [10.0.0.1]\nport: 1\n',
  'inv/group_vars/web.yml': 'port: 8443\nlimits: { cpu: 2 }\n',
  'inv/host_vars/web1.yml': 'port: 81\n',
  'group_vars/web.yml': 'color: blue\n',
} as const

suite('tsplay inventory', (test) => {
  test('list prints the shape of ansible-inventory, with what lies beside the playbook where one is named', async () => {
    await using made = await folder(files)
    const ended = await commandLine(['inventory', 'list', '-i', 'inv/hosts.ini', '--playbook', 'site.ts'], made.path)
    assert.is(ended.code, 0, ended.stderr)
    assert.equal(JSON.parse(ended.stdout), {
      _meta: {
        hostvars: {
          db1: { dns: ['10.0.0.1'], port: 1 },
          web1: {
            ansible_host: '192.0.2.1',
            color: 'blue',
            dns: ['10.0.0.1'],
            limits: { cpu: 2 },
            port: 81,
            tls: '{{ x }}',
          },
          web2: { color: 'blue', dns: ['10.0.0.1'], limits: { cpu: 2 }, port: 8443, tls: '{{ x }}' },
        },
      },
      all: { children: ['ungrouped', 'web', 'db'] },
      db: { hosts: ['db1'] },
      web: { hosts: ['web1', 'web2'] },
    })
  })

  test('graph draws groups and hosts, from a group on, with variables if asked', async () => {
    await using made = await folder(files)
    const all = await commandLine(['inventory', 'graph', '-i', 'inv/hosts.ini'], made.path)
    assert.is(all.stdout, '@all:\n  |--@ungrouped:\n  |--@web:\n  |  |--web1\n  |  |--web2\n  |--@db:\n  |  |--db1\n')
    const db = await commandLine(['inventory', 'graph', 'db', '--vars', '-i', 'inv/hosts.ini'], made.path)
    assert.is(db.stdout, '@db:\n  |--db1\n  |  |--{dns = ["10.0.0.1"]}\n  |  |--{port = 1}\n')
    const wrong = await commandLine(['inventory', 'graph', 'wbe', '-i', 'inv/hosts.ini'], made.path)
    assert.is(wrong.code, 2)
    assert.match(wrong.stderr, /Did you mean web\?/)
  })

  test('explain names file and line of a value and of all that it overrode, the strongest first', async () => {
    await using made = await folder(files)
    const ended = await commandLine(
      ['inventory', 'explain', 'web1', 'port', '-i', 'inv/hosts.ini', '-e', 'port=9'],
      made.path,
    )
    assert.is(
      ended.stdout,
      `port = 9  (command line)
    overrode 81  (host: inv/host_vars/web1.yml:1:1)
    overrode 80  (host: inv/hosts.ini:2:6)
    overrode 8443  (group_vars: inv/group_vars/web.yml:1:1)
    overrode 1  (group_vars/all: inv/group_vars/all.yml:2:1)
    overrode 8080  (inventory groups: inv/hosts.ini:7:1)
`,
    )
    const whole = await commandLine(['inventory', 'explain', 'web1', '-i', 'inv/hosts.ini'], made.path)
    assert.match(whole.stdout, /^web1 {2}\(inv\/hosts\.ini:2:1\), in all, web\nansible_host = "192\.0\.2\.1"/)
  })

  test('explain tells a file once that lies beside the inventory and beside the playbook', async () => {
    await using made = await folder({ 'hosts.yaml': 'all: { hosts: { h: } }\n', 'group_vars/all.yml': 'a: 1\n' })
    const ended = await commandLine(
      ['inventory', 'explain', 'h', 'a', '-i', 'hosts.yaml', '--playbook', 'site.ts'],
      made.path,
    )
    assert.is(ended.stdout, 'a = 1  (group_vars/all: group_vars/all.yml:1:1)\n')
  })

  test('host prints the variables of one host', async () => {
    await using made = await folder(files)
    const ended = await commandLine(['inventory', 'host', 'db1', '-i', 'inv/hosts.ini'], made.path)
    assert.equal(JSON.parse(ended.stdout), { dns: ['10.0.0.1'], port: 1 })
    assert.is((await commandLine(['inventory', 'host', 'db9', '-i', 'inv/hosts.ini'], made.path)).code, 2)
  })

  test('types gives literal names and inferred types, and tells when the file is stale', async () => {
    await using made = await folder(files)
    const args = ['inventory', 'types', '-i', 'inv/hosts.ini', '--output', 'hosts.types.ts']
    assert.is((await commandLine(args, made.path)).code, 0)
    const text = await readFile(join(made.path, 'hosts.types.ts'), 'utf8')
    assert.match(text, /export type HostName =\n?\s*\| "db1"\n {2}\| "web1"\n {2}\| "web2"/)
    assert.match(
      text,
      /readonly dns: readonly string\[\]\n {2}readonly limits\?: \{ readonly cpu: number \}\n {2}readonly port: number/,
    )
    assert.not.match(text, /ansible_host/)
    assert.is((await commandLine([...args, '--check'], made.path)).code, 0)
    await writeFile(join(made.path, 'inv/hosts.ini'), `${files['inv/hosts.ini']}[new]\nn1\n`)
    assert.is((await commandLine([...args, '--check'], made.path)).code, 2)
  })

  test('check tells of all that is wrong before a run, and of what a run would not stop at', async () => {
    await using made = await folder({
      ...files,
      'bad.yaml': 'web: { hosts: { a: { ansible_port: 99999 }, b: { ansible_user: "x y" } } }\n',
      'notes.yaml': 'web: { hosts: { a: { ansible_ssh_executable: /bin/ssh, tls: "{{ x }}" } } }\n',
    })
    const fine = await commandLine(['inventory', 'check', '-i', 'notes.yaml'], made.path)
    assert.is(fine.code, 0, fine.stderr)
    assert.is(
      fine.stdout,
      `note: ansible_ssh_executable of a has no meaning here
note: tls of a is a Jinja expression or encrypted: no playbook can read it
notes.yaml: 1 host in 3 groups: nothing is wrong
`,
    )
    const bad = await commandLine(['inventory', 'check', '-i', 'bad.yaml'], made.path)
    assert.is(bad.code, 2)
    assert.match(bad.stdout, /bad\.yaml:1:36: ansible_port of a: a port from 1 to 65535 is expected/)
    assert.match(bad.stdout, /ansible_user of b: one word is expected/)
    assert.match(bad.stdout, /bad\.yaml: 2 hosts in 3 groups: 2 problems\n$/)
  })

  test('check tells a fault of many hosts once, with the hosts', async () => {
    const hosts = 'web: { hosts: { "w[1:5]": }, vars: { ansible_port: 99999 } }\n'
    await using made = await folder({ 'hosts.yaml': hosts })
    const { stdout } = await commandLine(['inventory', 'check', '-i', 'hosts.yaml'], made.path)
    assert.match(stdout, /^hosts\.yaml:1:52: ansible_port of w1, w2, w3 and 2 more: a port from 1 to 65535 is expected/)
    assert.match(stdout, /5 hosts in 3 groups: 1 problem\n$/)
  })
})
