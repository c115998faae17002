import type { InventoryGraph } from './graph.ts'
import type { Inventory, InventoryHost, Origin } from './inventory.ts'
import type { SourceText } from './source-text.ts'

/** What an inventory was read from: not part of it, but what errors about it show. */
export interface KnownSources {
  readonly texts: ReadonlyMap<string, SourceText>
  readonly groupOrigins: ReadonlyMap<string, Origin>
  readonly graph: InventoryGraph
}

const known = new WeakMap<Inventory | InventoryHost, KnownSources>()

/** Keeps the texts of an inventory and of its hosts, so that later errors can show their lines. */
export function rememberSources(inventory: Inventory, sources: KnownSources): Inventory {
  known.set(inventory, sources)
  for (const host of inventory.hosts.values()) known.set(host, sources)
  return inventory
}

/** The sources of an inventory or host; `undefined` for one that {@link rememberSources} never saw. */
export const sourcesOf = (of: Inventory | InventoryHost): KnownSources | undefined => known.get(of)

/** The graph that an inventory was made from. Throws for one that {@link rememberSources} never saw: a bug. */
export function graphOf(inventory: Inventory): InventoryGraph {
  const graph = known.get(inventory)?.graph
  if (!graph) throw new Error(`the inventory ${inventory.source} was not loaded by loadInventory`)
  return graph
}
