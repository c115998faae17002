import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { graphLines, listShape } from '../../inventory/ansible-shape.ts'
import { loadInventory } from '../../inventory/load.ts'
import { assert, suite } from '../helpers/suite.ts'
import { needAnsible, runAnsibleInventory } from './ansible.ts'

const folder = fileURLToPath(new URL('../fixtures/inventories', import.meta.url))

/** What is named with `-i`, by the fixture's folder; the others have one file, or one beside `group_vars`. */
const sources: Readonly<Record<string, readonly string[]>> = {
  folder: ['inv'],
  'script-in-folder': ['inv/'],
  'two-sources': ['first/hosts', 'second/hosts.yml'],
  'beside-playbook': ['inventory/hosts'],
  list: ['web1,web2:2222,10.0.0.5,[fd00::1]:22', 'solo,'],
}

const order = { 'two-sources-turned': ['two-sources', ['second/hosts.yml', 'first', 'second/hosts.yml']] } as const

async function cases(): Promise<readonly { name: string; cwd: string; sources: readonly string[] }[]> {
  const names = (await readdir(folder)).toSorted()
  const found = names.map(async (name) => {
    const cwd = join(folder, name)
    const entries = (await readdir(cwd, { withFileTypes: true })).filter((entry) => entry.isFile())
    return { name, cwd, sources: sources[name] ?? entries.map((entry) => entry.name) }
  })
  const turned = Object.entries(order).map(([name, [from, given]]) => ({
    name,
    cwd: join(folder, from),
    sources: given,
  }))
  return [...(await Promise.all(found)), ...turned]
}

/** All fixtures are told of at once, not only the first that differs. */
function differences(compare: () => void, title: string): string[] {
  try {
    compare()
    return []
  } catch (error) {
    const details = error instanceof Error && 'details' in error ? String(error.details) : String(error)
    return [`${title}\n${details}`]
  }
}

suite(
  'ansible-inventory, compared',
  (test) => {
    test('--list and --graph are equal on every fixture', async () => {
      needAnsible()
      const all = await cases()
      assert.ok(all.length >= 25)
      const args = all.map((one) => one.sources.flatMap((source) => ['-i', source]))
      const beside = all.map(({ name }) => (name === 'beside-playbook' ? ['--playbook-dir', '.'] : []))
      const answers = await runAnsibleInventory([
        ...all.map(({ cwd }, i) => [cwd, [...(args[i] ?? []), ...(beside[i] ?? []), '--list']] as const),
        ...all.map(({ cwd }, i) => [cwd, [...(args[i] ?? []), '--graph']] as const),
      ])
      const [lists, graphs] = [answers.slice(0, all.length), answers.slice(all.length)]
      const unequal: string[] = []
      for (const [i, { name, cwd, sources: given }] of all.entries()) {
        const theirs = JSON.parse(lists[i] ?? 'null') as unknown
        const inventory = await loadInventory(given, {
          cwd,
          ...(name === 'beside-playbook' ? { playbookFolder: '.' } : {}),
        })
        unequal.push(...differences(() => assert.equal(listShape(inventory), theirs), `${name}: --list`))
        const graph = graphLines(inventory, 'all').join('\n')
        unequal.push(...differences(() => assert.is(graph, graphs[i]?.trimEnd()), `${name}: --graph`))
      }
      assert.is(unequal.join('\n\n'), '')
    })
  },
  120_000,
)
