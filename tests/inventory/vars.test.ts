import * as v from 'valibot'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { loadInventory } from '../../inventory/load.ts'
import { checkVars, renderProblems } from '../../inventory/vars.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { folder } from './folder.ts'

async function check(
  text: string,
  schemas: readonly StandardSchemaV1[],
  extraVars: Readonly<Record<string, unknown>> = {},
) {
  await using files = await folder({ 'hosts.yaml': text })
  const inventory = await loadInventory(['hosts.yaml'], { cwd: files.path, extraVars })
  return await checkVars(inventory, [...inventory.hosts.keys()], schemas, 'the play "Join"')
}

const render = async (...args: Parameters<typeof check>) => renderProblems((await check(...args)).problems)

suite(
  'variables and schemas',
  (test) => {
    test('what the schemas make of the variables is laid over them', async () => {
      const schemas = [
        v.object({ a: v.pipe(v.number(), v.transform(String)) }),
        v.object({ b: v.optional(v.number(), 2) }),
      ]
      const { vars, problems } = await check('all: { hosts: { h: { a: 1, c: 3 } } }\n', schemas)
      assert.equal(problems, [])
      assert.equal(vars.get('h'), { a: '1', b: 2, c: 3 })
    })

    test('a wrong value is shown once for all hosts that have it, and a trap of YAML is named', async () => {
      const text = 'all:\n  vars:\n    kubernetesVersion: 1.30\n  hosts:\n    w[1:60]:\n'
      assert.is(
        await render(text, [v.object({ kubernetesVersion: v.string() })]),
        `hosts.yaml:3:24: kubernetesVersion: Invalid type: Expected string but received 1.3
  3 |     kubernetesVersion: 1.30
    |                        ^
  on w1, w2, w3 and 57 more hosts, wanted by the play "Join"
  Without quotes 1.30 is a number in YAML: write "1.30".`,
      )
    })

    test('a wrong value deep inside is shown where it is', async () => {
      const text = 'all:\n  hosts:\n    h:\n      disks:\n        - size: 1\n        - size: big\n'
      const problems = await render(text, [v.object({ disks: v.array(v.object({ size: v.number() })) })])
      assert.is(
        problems,
        `hosts.yaml:6:17: disks[1].size: Invalid type: Expected number but received "big"
  6 |         - size: big
    |                 ^
  on h, wanted by the play "Join"`,
      )
    })

    test('a missing variable points at the host, or at the group that misses it as a whole', async () => {
      const schema = v.object({ podSubnet: v.string() })
      const one = 'all:\n  hosts:\n    a: { podSubnet: x }\n    b: { pod_subnet: x }\n'
      assert.is(
        await render(one, [schema]),
        `hosts.yaml:4:5: podSubnet: this variable is missing: Invalid key: Expected "podSubnet" but received undefined
  4 |     b: { pod_subnet: x }
    |     ^
  on b, wanted by the play "Join"
  There is "pod_subnet" (hosts.yaml:4:10): was "podSubnet" meant?`,
      )
      const group = 'cp:\n  hosts: { a: { podSubnet: x } }\nworkers:\n  hosts: { b:, c:, d: }\n'
      assert.is(
        await render(group, [schema]),
        `hosts.yaml:3:1: podSubnet: this variable is missing: Invalid key: Expected "podSubnet" but received undefined
  3 | workers:
    | ^
  on b, c, d, wanted by the play "Join"
  Give it to the host, to a group of it, or to the run: -e podSubnet=…`,
      )
    })

    test('a key that is missing deep inside points at its nearest parent', async () => {
      const { problems } = await check('all: { hosts: { h: { limits: { cpu: 1 } } } }\n', [
        v.object({ limits: v.object({ memory: v.number() }) }),
      ])
      assert.equal(problems[0]?.path, ['limits', 'memory'])
      assert.equal(problems[0]?.origin, { file: 'hosts.yaml', line: 1, column: 30 })
    })

    test('a value of the command line says so', async () => {
      const text = await render('all: { hosts: { h: { a: x } } }\n', [v.object({ a: v.string() })], { a: 5 })
      assert.is(
        text,
        'command line: a: Invalid type: Expected string but received 5\n  on h, wanted by the play "Join"',
      )
    })

    test('Jinja is refused only where a schema wants it, a vault text also where no schema says what is used', async () => {
      const text =
        'all:\n  hosts:\n    h:\n      a: "{{ b }}"\n      c: [{ d: "x{% if y %}" }]\n      e: !unsafe "{{.Name}}"\n      f: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        34\n'
      assert.equal((await check(text, [v.object({})])).problems, [])
      for (const schemas of [[], [v.looseObject({})]])
        assert.equal(
          (await check(text, schemas)).problems.map(({ path }) => path),
          [['f']],
        )
      assert.equal((await check(text, [v.object({ e: v.string() })])).problems, [])
      const { problems } = await check(text, [
        v.object({ a: v.string(), c: v.array(v.any()), f: v.optional(v.string()) }),
      ])
      assert.equal(
        problems.map(({ path, message, origin }) => [path, message, origin.line, origin.column]),
        [
          [['a'], 'the value is a Jinja expression, which is not evaluated', 4, 10],
          [['c', 0, 'd'], 'the value is a Jinja expression, which is not evaluated', 5, 16],
          [['f'], "the value is encrypted by Ansible's vault, and no password was given", 7, 17],
        ],
      )
      assert.match(
        await render(text, [v.object({ a: v.number() })]),
        /hosts\.yaml:4:10: a: the value is a Jinja expression/,
      )
    })

    test('what is inside a list or a mapping tagged !unsafe is meant as it is', async () => {
      const text = 'all:\n  hosts:\n    h:\n      a: !unsafe ["{{.Name}}"]\n      b: !unsafe { c: "{{.Name}}" }\n'
      const wanted = v.object({ a: v.array(v.string()), b: v.object({ c: v.string() }) })
      const { problems, vars } = await check(text, [wanted])
      assert.equal(problems, [])
      assert.equal(vars.get('h')?.['b'], { c: '{{.Name}}' })
    })

    test('the value of a password is never shown', async () => {
      const text = await render('all: { hosts: { h: { db_password: 12345 } } }\n', [
        v.object({ db_password: v.string() }),
      ])
      assert.not.match(text, /12345/)
      assert.match(text, /db_password: the value does not fit the schema/)
    })

    test('hosts with equal variables are checked once, also where an object holds more than data', async () => {
      let count = 0
      const schema: StandardSchemaV1 = {
        '~standard': { version: 1, vendor: 'test', validate: (value) => (count++, Promise.resolve({ value })) },
      }
      await check('all: { hosts: { "h[1:500]": { a: 1 }, other: { a: 2 } } }\n', [schema])
      assert.is(count, 2)
      count = 0
      await check('all: { hosts: { "h[1:3]": } }\n', [schema], { made: () => 1 })
      assert.is(count, 3)
    })

    test('a schema that throws or gives no object is the fault of the playbook', async () => {
      const throwing: StandardSchemaV1 = {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: () => {
            throw new Error('boom')
          },
        },
      }
      for (const schema of [
        throwing,
        v.pipe(
          v.object({}),
          v.transform(() => 5),
        ),
      ]) {
        const error = await check('all: { hosts: { h: } }\n', [schema]).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        assert.instance(error, TsplayError)
        assert.is((error as TsplayError).code, 'PLAYBOOK')
      }
    })

    test('ten thousand different hosts with the same fault take moments, and are one problem', async () => {
      const hosts = Array.from({ length: 10_000 }, (_, i) => `    h${i}: { n: ${i} }\n`).join('')
      const start = process.cpuUsage()
      const { problems } = await check(`all:\n  hosts:\n${hosts}`, [v.object({ n: v.string(), zone: v.string() })])
      assert.is(problems.length, 10_001)
      assert.is(problems.find(({ path }) => path[0] === 'zone')?.hosts.length, 10_000)
      assert.match(renderProblems(problems), /and 9981 more problems$/)
      assert.ok(process.cpuUsage(start).user < 8_000_000)
    })
  },
  20_000,
)
