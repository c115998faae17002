import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { inventories } from './ansible-cases.ts'
import { folder } from './folder.ts'
import { Random } from '../helpers/random.ts'

async function load(text: string): Promise<Inventory> {
  await using files = await folder({ 'hosts.yaml': text })
  return await loadInventory(['hosts.yaml'], { cwd: files.path })
}

const cluster = () => load(inventories[0]?.['cluster.yaml'] ?? '')

function fault(inventory: Inventory, pattern: string): TsplayError {
  try {
    selectHosts(inventory, pattern)
  } catch (error) {
    if (error instanceof TsplayError) return error
    throw error
  }
  throw new Error(`"${pattern}" was accepted`)
}

suite('host patterns', (test) => {
  test('unions, intersections, exclusions, globs, expressions and subscripts select in the order of the groups', async () => {
    const inventory = await cluster()
    const expected: Readonly<Record<string, readonly string[]>> = {
      'eu,us': ['cp1', 'w01', 'w02', 'w03', 'lone'],
      'us:eu': ['w03', 'lone', 'cp1', 'w01', 'w02'],
      'k8s:&eu:!w02': ['cp1', 'w01'],
      '!w02:&eu:k8s': ['cp1', 'w01'],
      'w0?': ['w01', 'w02', 'w03', 'w04', 'w05'],
      '~w0[1-2]$': ['w01', 'w02'],
      'workers[0]': ['w01'],
      'workers[-1]': ['odd.example.org'],
      'workers[1:2]': ['w02', 'w03'],
      'workers[4:]': ['w05', 'odd.example.org'],
      'workers[4:99]': ['w05', 'odd.example.org'],
      'fd00::5': ['fd00::5'],
      '[fd00::5]:solo': ['fd00::5', 'solo'],
      'nothing*': [],
      '': [],
    }
    for (const [pattern, hosts] of Object.entries(expected))
      assert.equal(selectHosts(inventory, pattern), hosts, pattern)
  })

  test('a subscript counts a host once for each group that matches, as it does for Ansible', async () => {
    const inventory = await load('web1: { hosts: { a:, b: } }\nweb2: { hosts: { b:, c: } }\n')
    assert.equal(selectHosts(inventory, 'web*[2]'), ['b'])
    assert.equal(selectHosts(inventory, 'web*[1:2]'), ['b'])
    assert.equal(selectHosts(inventory, 'web*[3]'), ['c'])
  })

  test("a regular expression is one of Python's: flags in front, named groups, ends of the text", async () => {
    const inventory = await cluster()
    assert.equal(selectHosts(inventory, '~(?i)W01$'), ['w01'])
    assert.equal(selectHosts(inventory, String.raw`~\A(?P<digit>\w)0[13]\Z`), ['w01', 'w03'])
    assert.equal(selectHosts(inventory, String.raw`~(?P<c>[cd])\w(?P=c)`), [])
    assert.equal(selectHosts(inventory, String.raw`~cp\\A`), [])
  })

  test('a name that nothing has is an error, also behind an exclamation mark, with near names and the groups', async () => {
    const inventory = await cluster()
    const error = fault(inventory, 'wrokers')
    assert.is(error.message, 'no group or host "wrokers" in hosts.yaml')
    assert.is(error.hint, 'Did you mean "workers"? Groups: k8s, control_plane, workers, eu, us, staging.')
    assert.is(
      fault(inventory, 'all:!control-plane').message,
      'no group or host "control-plane" in the pattern "all:!control-plane" in hosts.yaml',
    )
    assert.match(fault(inventory, 'all:!control-plane').hint ?? '', /Did you mean "control_plane"/)
    assert.match(fault(inventory, 'localhost').hint ?? '', /localhost: \{ ansible_connection: local \}/)
    assert.match(fault(inventory, 'w0[13]').hint ?? '', /count the hosts of a group; "w0\[13\]\*" would be a glob/)
  })

  test('subscripts outside the group, backward ranges and broken expressions are errors', async () => {
    const inventory = await cluster()
    assert.is(fault(inventory, 'eu[3]').message, 'pattern "eu[3]" counts too far: there are 3 hosts: [0] to [2]')
    assert.is(fault(inventory, 'eu[-4]').message, 'pattern "eu[-4]" counts too far: there are 3 hosts: [0] to [2]')
    assert.is(fault(inventory, 'eu[2:1]').message, 'pattern "eu[2:1]": the range ends before it begins')
    assert.match(fault(inventory, '~(').message, /^pattern "~\(": Invalid regular expression/)
  })

  test('@file holds a pattern in each line; an empty one selects nothing, not everything', async () => {
    await using files = await folder({ 'failed.txt': '# of the last run\nw01\n\nsolo\n' })
    const inventory = await cluster()
    const file = join(files.path, 'failed.txt')
    assert.equal(selectHosts(inventory, `@${file}`), ['w01', 'solo'])
    assert.equal(selectHosts(inventory, `@${file},!solo`), ['w01'])
    await writeFile(file, '\n')
    assert.equal(selectHosts(inventory, `@${file},!solo`), [])
    assert.match(fault(inventory, '@/nowhere').message, /names a file that can not be read/)
  })

  test('on random inventories, unions, intersections and exclusions are those of sets', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed)
      const inventory = await load(randomInventory(random))
      const names = [...inventory.groups.keys(), ...inventory.hosts.keys()]
      const [a, b] = [random.pick(names), random.pick(names)]
      const select = (pattern: string) => selectHosts(inventory, pattern)
      const [inA, inB] = [new Set(select(a)), new Set(select(b))]
      const label = `seed ${seed}: ${a} ${b}`
      assert.equal(new Set(select(`${a},${b}`)), new Set([...inA, ...inB]), label)
      assert.equal(new Set(select(`${a},&${b}`)), new Set([...inA].filter((host) => inB.has(host))), label)
      assert.equal(new Set(select(`${a},!${b}`)), new Set([...inA].filter((host) => !inB.has(host))), label)
      assert.equal(select(`!${b},${a}`), select(`${a},!${b}`), label)
      assert.equal(select(`${a},${a}`), select(a), label)
      assert.equal(select(`${a},!${a}`), [], label)
      assert.equal(new Set([...select(`${a},&${b}`), ...select(`${a},!${b}`)]), inA, label)
      assert.equal(new Set(select('*')), new Set(inventory.hosts.keys()), label)
    }
  })
})

function randomInventory(random: Random): string {
  const groups = Array.from({ length: 2 + random.below(6) }, (_, i) => `g${i}`)
  const lines = groups.map((name, i) => {
    const hosts = Array.from({ length: random.below(6) }, () => `h${random.below(12)}`)
    // Only later groups as children: no loops.
    const children = groups.slice(i + 1).filter(() => random.below(3) === 0)
    const map = (of: readonly string[]) => `{ ${[...new Set(of)].map((key) => `${key}: `).join(', ')} }`
    return `${name}: { hosts: ${map(hosts)}, children: ${map(children)} }\n`
  })
  return lines.join('')
}
