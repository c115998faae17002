import { commandLine, layersOf } from './assemble.ts'
import type { Level } from './assemble.ts'
import type { VarValue } from './graph.ts'
import type { Inventory, Origin } from './inventory.ts'
import { graphOf } from './known-sources.ts'

/** A value, and which of the five levels says it. */
export interface ExplainedValue extends VarValue {
  readonly level: Level
}

/** A variable of a host with all that was ever said of it. */
export interface ExplainedVar {
  readonly name: string
  /** The strongest first: it is the one that counts, and overrode the others. */
  readonly values: readonly ExplainedValue[]
}

/** Every variable of a host, in alphabetical order, with each place that gives it a value. */
export function explainVars(inventory: Inventory, name: string): ExplainedVar[] {
  const graph = graphOf(inventory)
  const node = graph.hosts.get(name)
  const host = inventory.hosts.get(name)
  if (!node || !host) return []
  const found = new Map<string, ExplainedValue[]>()
  for (const { level, vars } of layersOf(graph, node)) {
    for (const [key, value] of vars) {
      // A folder may lie beside the inventory and beside the playbook: its files count twice, and are told once.
      const known = found.get(key)?.filter(({ origin }) => origin.line === undefined || !isSame(origin, value.origin))
      found.set(key, [{ ...value, level }, ...(known ?? [])])
    }
  }
  for (const [key, origin] of host.origins) {
    if (origin !== commandLine) continue
    found.set(key, [{ value: host.vars[key], origin, level: 'command line' }, ...(found.get(key) ?? [])])
  }
  return [...found]
    .map(([key, [first, ...weaker]]) => ({
      name: key,
      values: [
        { value: host.vars[key], origin: host.origins.get(key) ?? host.origin, level: first?.level ?? 'host' },
        ...weaker,
      ],
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const isSame = (a: Origin, b: Origin) => a.file === b.file && a.line === b.line && a.column === b.column
