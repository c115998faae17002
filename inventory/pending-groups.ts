import type { TsplayError } from '../runner/model/errors.ts'
import type { GraphGroup, InventoryGraph } from './graph.ts'
import { near } from './near.ts'

interface Pending {
  readonly offset: number
  /** Empty where only variables were given. */
  readonly parents: { readonly group: GraphGroup; readonly offset: number }[]
}

type ErrorAt = (offset: number, message: string, hint?: string) => TsplayError

/** Groups that an INI file names before it has declared them, as it may; at its end each must be declared. */
export class PendingGroups {
  readonly #graph: InventoryGraph
  readonly #error: ErrorAt
  readonly #pending = new Map<string, Pending>()
  readonly #declared = new Set<string>()

  constructor(graph: InventoryGraph, error: ErrorAt) {
    this.#graph = graph
    this.#error = error
  }

  /** `[group]` or `[group:children]`: whoever waits for it gets it as a child now, which is Ansible's order. */
  declare(group: GraphGroup): void {
    this.#declared.add(group.name)
    const waiting = this.#pending.get(group.name)
    this.#pending.delete(group.name)
    for (const { group: parent, offset } of waiting?.parents ?? []) this.#connect(parent, group, offset)
  }

  /** `[group:vars]` of a group that no source has named so far. */
  varsOf({ name }: GraphGroup, offset: number): void {
    if (!this.#pending.has(name)) this.#pending.set(name, { offset, parents: [] })
  }

  /** A line below `[parent:children]`. */
  child(parent: GraphGroup, name: string, offset: number): void {
    const group = this.#graph.groups.get(name)
    if (group) return this.#connect(parent, group, offset)
    const known = this.#pending.get(name) ?? { offset, parents: [] }
    known.parents.push({ group: parent, offset })
    this.#pending.set(name, known)
  }

  /** Throws for the first group that is named, and nowhere declared. */
  end(): void {
    for (const [name, { offset, parents }] of this.#pending) {
      const [likely] = near(name, this.#declared)
      const what =
        parents.length > 0
          ? `the group "${name}" is declared nowhere`
          : `variables of "${name}", which is declared nowhere`
      throw this.#error(
        parents[0]?.offset ?? offset,
        `${what}.${likely === undefined ? '' : ` Did you mean "${likely}"?`}`,
        `Add a section [${name}], which may be empty.`,
      )
    }
  }

  #connect(parent: GraphGroup, child: GraphGroup, offset: number): void {
    const loop = this.#graph.connect(parent, child)
    if (loop)
      throw this.#error(offset, `the group contains itself: ${loop.join(' > ')}`, 'Remove one of these children.')
  }
}
