import { loadInventory } from '../../inventory/load.ts'
import { inventory } from '../../inventory/define.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

suite(
  'loadInventory',
  (test) => {
    test('variables come from all, parents, children, the host and the command line, each over the ones before', async () => {
      await using files = await folder({
        'hosts.yaml': `
all:
  vars: { a: all, b: all, c: all, d: all, e: all }
  children:
    parent:
      vars: { b: parent, c: parent, d: parent, e: parent }
      children:
        child:
          vars: { c: child, d: child, e: child }
          hosts:
            web1: { d: host, e: host }
`,
      })
      const found = await loadInventory(['hosts.yaml'], { cwd: files.path, extraVars: { e: 'command line' } })
      const host = found.hosts.get('web1')
      assert.equal(host?.vars, { a: 'all', b: 'parent', c: 'child', d: 'host', e: 'command line' })
      assert.equal(host?.groups, ['all', 'parent', 'child'])
      assert.equal(host?.origin, { file: 'hosts.yaml', line: 11, column: 13 })
      assert.equal(
        [...(host?.origins ?? [])].map(([name, { file, line, column }]) => `${name} ${file}:${line}:${column}`),
        [
          'a hosts.yaml:3:11',
          'b hosts.yaml:6:15',
          'c hosts.yaml:9:19',
          'd hosts.yaml:11:21',
          'e command line:undefined:undefined',
        ],
      )
    })

    test('several sources are merged, the later over the earlier', async () => {
      await using files = await folder({
        'a.yaml': 'web: { hosts: { h1: { x: 1, y: 1 } } }\n',
        'b.yaml': 'web: { hosts: { h1: { x: 2 }, h2: } }\n',
      })
      const found = await loadInventory(['a.yaml', 'b.yaml', 'h3,h4:2200'], { cwd: files.path })
      assert.is(found.source, 'a.yaml, b.yaml, h3,h4:2200')
      assert.equal(found.hosts.get('h1')?.vars, { x: 2, y: 1 })
      assert.equal(found.groups.get('web')?.hosts, ['h1', 'h2'])
      assert.equal(found.groups.get('ungrouped')?.hosts, ['h3', 'h4'])
      assert.equal(found.hosts.get('h4')?.vars, { ansible_port: 2200 })
    })

    test('one name with a comma is a list of one host', async () => {
      assert.equal([...(await loadInventory(['web1,'])).hosts.keys()], ['web1'])
    })

    test('a module gives its inventory as default export, or as a function that may be asynchronous', async () => {
      await using files = await folder({ 'hosts.ts': '' })
      const shape = inventory({ web: { hosts: { web1: { port: 22 } }, vars: { tier: 'front' } } })
      for (const made of [shape, () => shape, () => Promise.resolve(shape)]) {
        const importModule = (file: string) => Promise.resolve(file === 'hosts.ts' ? { default: made } : {})
        const found = await loadInventory(['hosts.ts'], { cwd: files.path, importModule })
        assert.equal(found.hosts.get('web1')?.vars, { tier: 'front', port: 22 })
      }
    })

    test('a module with a wrong shape is told by the path to it, one that fails by its own words', async () => {
      await using files = await folder({ 'hosts.ts': '' })
      const load = async (module: unknown) => {
        const error = await loadInventory(['hosts.ts'], {
          cwd: files.path,
          importModule: () => Promise.resolve(module),
        }).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        assert.instance(error, TsplayError)
        return (error as TsplayError).message
      }
      assert.is(
        await load({ default: { web: { hosts: ['web1'] } } }),
        'hosts.ts: web.hosts: "hosts" must be a mapping of host names; this is a list',
      )
      assert.is(await load({}), 'hosts.ts: the module has no default export')
      const failing = { default: () => Promise.reject(new Error('no answer from the cloud')) }
      assert.is(await load(failing), 'hosts.ts: the module failed: no answer from the cloud')
    })

    test('a name such as __proto__ is a variable like any other', async () => {
      await using files = await folder({
        'hosts.yaml': 'all: { hosts: { __proto__: { __proto__: { polluted: yes } }, constructor: } }\n',
      })
      const found = await loadInventory(['hosts.yaml'], { cwd: files.path })
      assert.equal([...found.hosts.keys()], ['__proto__', 'constructor'])
      assert.ok(Object.hasOwn(found.hosts.get('__proto__')?.vars ?? {}, '__proto__'))
      assert.is(Reflect.get({}, 'polluted'), undefined)
    })

    test('group_vars and host_vars beside the inventory are read, their origins are their own', async () => {
      await using files = await folder({
        'inv/hosts.yaml': 'web: { hosts: { w1: { a: inventory } }, vars: { b: inventory } }\n',
        'inv/group_vars/web.yml': 'b: file\n',
        'inv/host_vars/w1.yaml': '---\na: file\n',
        'inv/group_vars/nobody.yml': 'not: [valid\n',
      })
      const host = (await loadInventory(['inv/hosts.yaml'], { cwd: files.path })).hosts.get('w1')
      assert.equal(host?.vars, { b: 'file', a: 'file' })
      assert.equal(host?.origins.get('a'), { file: 'inv/host_vars/w1.yaml', line: 2, column: 1 })
    })

    test('ten thousand hosts in two hundred groups load in time', async () => {
      const host = (n: number) =>
        `        node${n}:\n          ansible_host: 10.0.${n >> 8}.${n & 255}\n          rack: r${n % 40}\n`
      const group = (g: number) =>
        `    group${g}:\n      vars: { region: eu-${g} }\n      hosts:\n${Array.from({ length: 50 }, (_, i) => host(g * 50 + i)).join('')}`
      await using files = await folder({
        'hosts.yaml': `all:\n  children:\n${Array.from({ length: 200 }, (_, g) => group(g)).join('')}`,
      })
      const start = process.cpuUsage()
      const found = await loadInventory(['hosts.yaml'], { cwd: files.path })
      const { user } = process.cpuUsage(start)
      assert.is(found.hosts.size, 10_000)
      assert.equal(found.hosts.get('node9999')?.vars, { region: 'eu-199', ansible_host: '10.0.39.15', rack: 'r39' })
      // Measured: about 0.9 s. A quadratic step anywhere costs ten times that.
      assert.ok(user < 4_000_000, `${user / 1000} ms of processor time`)
    })
  },
  20_000,
)
