import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { assert, suite } from '../helpers/suite.ts'
import { askAnsible, needAnsible, ownVars } from './ansible.ts'
import type { AnsibleAnswer } from './ansible.ts'
import { commonPatterns, inventories, patterns } from './ansible-cases.ts'
import { folder } from './folder.ts'

/** Names that only tsplay refuses: Ansible warns and selects nothing. */
const refused = new Set(['w0[13]', 'w0[1-3]', 'db-[0:1]'])

function compare(name: string, ours: Inventory, theirs: AnsibleAnswer, asked: readonly string[]): void {
  assert.equal([...ours.hosts.keys()].toSorted(), Object.keys(theirs.hosts).toSorted(), `${name}: hosts`)
  for (const [host, vars] of Object.entries(theirs.hosts)) {
    assert.equal({ ...ours.hosts.get(host)?.vars }, ownVars(vars), `${name}: variables of ${host}`)
  }
  for (const [group, hosts] of Object.entries(theirs.groups)) {
    assert.equal(ours.groups.get(group)?.hosts, hosts, `${name}: hosts of ${group}`)
  }
  for (const [i, pattern] of asked.entries()) {
    const theirAnswer = theirs.selected[i]
    if (refused.has(pattern)) assert.equal([select(ours, pattern), theirAnswer], [null, []], `${name}: ${pattern}`)
    else assert.equal(select(ours, pattern), theirAnswer, `${name}: ${pattern}`)
  }
}

function select(inventory: Inventory, pattern: string): readonly string[] | null {
  try {
    return selectHosts(inventory, pattern)
  } catch {
    return null
  }
}

suite(
  'inventories and patterns mean what they mean to Ansible',
  (test) => {
    test(`variables, members, order and selections of ${inventories.length} inventories are equal`, async () => {
      needAnsible()
      const files = inventories.flatMap((one, i) =>
        Object.entries(one).map(([name, text]): [string, string] => [`${i}/${name}`, text]),
      )
      await using made = await folder(Object.fromEntries(files))
      const cases: [string[], string[]][] = []
      for (const [i, one] of inventories.entries()) {
        cases.push([[`${made.path}/${i}/${Object.keys(one)[0]}`], i === 0 ? [...patterns] : [...commonPatterns]])
      }
      const answers = await askAnsible(cases)
      for (const [i, [sources, asked]] of cases.entries()) {
        compare(Object.keys(inventories[i] ?? {})[0] ?? '', await loadInventory(sources), answers[i]!, asked)
      }
    })
  },
  60_000,
)
