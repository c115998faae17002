import { isDeepStrictEqual } from 'node:util'
import type { Inventory } from '../../inventory/inventory.ts'
import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { Random } from '../helpers/random.ts'
import { assert, suite } from '../helpers/suite.ts'
import { askAnsible, needAnsible, ownVars } from './ansible.ts'
import type { AnsibleAnswer } from './ansible.ts'
import { folder } from './folder.ts'
import { randomInventory, randomPattern } from './random-inventory.ts'

const inventories = 120
const patternsEach = 25

/**
 * Whether Ansible has an order of hosts for every group: it walks down by sets, and where two groups of a level have
 * children, which of them come first is another in each of its runs.
 */
function isOrdered({ groups }: Inventory): boolean {
  const children = (name: string) => groups.get(name)?.children ?? []
  return [...groups.keys()].every((top) => {
    const seen = new Set([top])
    for (let level = [top]; level.length > 0;) {
      if (level.filter((name) => children(name).length > 0).length > 1) return false
      level = [...new Set(level.flatMap(children))].filter((name) => !seen.has(name))
      for (const name of level) seen.add(name)
    }
    return true
  })
}

/** The hosts, or that a name is not known, which Ansible only warns of. */
function selected(inventory: Inventory, pattern: string): readonly string[] | 'unknown' | null {
  try {
    return selectHosts(inventory, pattern)
  } catch (error) {
    return error instanceof Error && error.message.startsWith('no group or host') ? 'unknown' : null
  }
}

const sorted = (names: readonly string[]) => names.toSorted()

interface Tally {
  selections: number
  readonly unequal: string[]
}

function compare(ours: Inventory, theirs: AnsibleAnswer, patterns: readonly string[], name: string, to: Tally): void {
  const differs = (what: string, mine: unknown, their: unknown) => {
    if (!isDeepStrictEqual(mine, their)) to.unequal.push(`${name}: ${what}: ${JSON.stringify([mine, their])}`)
  }
  const ordered = isOrdered(ours)
  differs('hosts', sorted([...ours.hosts.keys()]), sorted(Object.keys(theirs.hosts)))
  for (const [host, vars] of Object.entries(theirs.hosts))
    differs(`variables of ${host}`, { ...ours.hosts.get(host)?.vars }, ownVars(vars))
  for (const [group, hosts] of Object.entries(theirs.groups)) {
    const mine = ours.groups.get(group)?.hosts ?? []
    differs(`hosts of ${group}`, ordered ? mine : sorted(mine), ordered ? hosts : sorted(hosts))
  }
  for (const [i, pattern] of patterns.entries()) {
    const mine = selected(ours, pattern)
    const their = theirs.selected[i] ?? null
    if (mine === 'unknown' || (!ordered && pattern.includes('['))) continue
    to.selections++
    if (ordered || mine === null || their === null) differs(pattern, mine, their)
    else differs(pattern, sorted(mine), sorted(their))
  }
}

suite(
  'inventories and patterns made at random mean what they mean to Ansible',
  (test) => {
    test(`hosts, groups, variables and selections of ${inventories} inventories with ${patternsEach} patterns each`, async () => {
      needAnsible()
      const random = new Random(20_261_125)
      const made = Array.from({ length: inventories }, () => ({
        ...randomInventory(random),
        patterns: Array.from({ length: patternsEach }, () => randomPattern(random)),
      }))
      await using files = await folder(
        Object.fromEntries(
          made.flatMap((one, i) => Object.entries(one.files).map(([name, text]) => [`${i}/${name}`, text] as const)),
        ),
      )
      const cases = made.map(
        ({ sources, patterns }, i) => [sources.map((source) => `${files.path}/${i}/${source}`), patterns] as const,
      )
      const answers = await askAnsible(cases)
      const tally: Tally = { selections: 0, unequal: [] }
      for (const [i, [sources, patterns]] of cases.entries())
        compare(await loadInventory(sources), answers[i]!, patterns, `inventory ${i}`, tally)
      assert.equal(tally.unequal.slice(0, 10), [])
      assert.ok(
        tally.selections > (inventories * patternsEach) / 4,
        `only ${tally.selections} selections were compared`,
      )
    })
  },
  120_000,
)
