import type { InventoryHost, Origin } from './inventory.ts'

type Paths = readonly (readonly PropertyKey[])[]

/** Looks for one kind of thing inside variables of many hosts, which share most of their values: once for each place. */
export class PathFinder {
  readonly #find: (value: unknown, path: readonly PropertyKey[]) => Paths
  readonly #clean = new Set<Origin>()

  constructor(find: (value: unknown, path: readonly PropertyKey[]) => Paths) {
    this.#find = find
  }

  /** Where the things are in the value of a variable; empty for most. */
  paths(host: InventoryHost, name: string, value: unknown): Paths {
    const origin = host.origins.get(name) ?? host.origin
    // A place without a line may be that of several variables.
    if (origin.line !== undefined && this.#clean.has(origin)) return none
    const paths = this.#find(value, [name])
    if (paths.length === 0) this.#clean.add(origin)
    return paths
  }
}

const none: Paths = []
