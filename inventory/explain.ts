import { commandLine, layersOf } from './assemble.ts'
import type { VarValue } from './graph.ts'
import type { Inventory, Origin } from './inventory.ts'
import { graphOf } from './known-sources.ts'

/** A variable of a host with all that was ever said of it. */
export interface ExplainedVar {
  readonly name: string
  /** The strongest first: it is the one that counts, and overrode the others. */
  readonly values: readonly VarValue[]
}

/** Every variable of a host, in alphabetical order, with each place that gives it a value. */
export function explainVars(inventory: Inventory, name: string): ExplainedVar[] {
  const graph = graphOf(inventory)
  const node = graph.hosts.get(name)
  const host = inventory.hosts.get(name)
  if (!node || !host) return []
  const found = new Map<string, VarValue[]>()
  for (const layer of layersOf(graph, node)) {
    for (const [key, value] of layer) {
      // A folder may lie beside the inventory and beside the playbook: its files count twice, and are told once.
      const known = found.get(key)?.filter(({ origin }) => origin.line === undefined || !isSame(origin, value.origin))
      found.set(key, [value, ...(known ?? [])])
    }
  }
  for (const [key, origin] of host.origins) {
    if (origin !== commandLine) continue
    found.set(key, [{ value: host.vars[key], origin }, ...(found.get(key) ?? [])])
  }
  return [...found]
    .map(([key, [, ...weaker]]) => ({
      name: key,
      values: [{ value: host.vars[key], origin: host.origins.get(key) ?? host.origin }, ...weaker],
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const isSame = (a: Origin, b: Origin) => a.file === b.file && a.line === b.line && a.column === b.column
