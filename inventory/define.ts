/** A host's variables; nothing where it has none of its own. */
export type HostShape = Readonly<Record<string, unknown>> | null

/** A group as an inventory module writes it: the same three keys as in YAML. */
export interface GroupShape {
  readonly hosts?: Readonly<Record<string, HostShape>> | null
  readonly children?: Readonly<Record<string, GroupShape | null>> | null
  readonly vars?: Readonly<Record<string, unknown>> | null
}

/** A whole inventory: groups by name. */
export type InventoryShape = Readonly<Record<string, GroupShape | null>>

/** Refuses keys that a group does not have, which inference alone would let pass. */
type Exact<T> = {
  readonly [G in keyof T]: T[G] extends object
    ? {
        readonly [K in keyof T[G]]: K extends 'children'
          ? Exact<T[G][K]>
          : K extends 'hosts' | 'vars'
            ? T[G][K]
            : `a group has hosts, children and vars, no ${K & string}`
      }
    : T[G]
}

/** The members of a group by name; none where it has no such key. */
type Members<G, K extends 'hosts' | 'children'> = G extends { readonly [P in K]: infer M extends object }
  ? M
  : Record<never, never>

/** The names of all groups of an inventory: `GroupNames<typeof hosts>`. */
export type GroupNames<T> = string extends keyof T
  ? string
  : { [G in keyof T & string]: G | GroupNames<Members<T[G], 'children'>> }[keyof T & string]

/** The names of all hosts of an inventory, as written (a range is one name). */
export type HostNames<T> = string extends keyof T
  ? string
  : {
      [G in keyof T & string]: (keyof Members<T[G], 'hosts'> & string) | HostNames<Members<T[G], 'children'>>
    }[keyof T & string]

/**
 * An inventory in TypeScript, the default export of a module named with `-i`. It holds what a YAML inventory holds;
 * its group and host names are known to the type checker.
 */
export function inventory<const T extends InventoryShape>(shape: T & Exact<T>): T {
  return shape
}

/** Every group and host name, for `playbook(…, { groups })`: patterns with any other name no longer compile. */
export function inventoryNames<const T extends InventoryShape>(shape: T): (GroupNames<T> | HostNames<T>)[] {
  const names = new Set<string>()
  const collect = (groups: InventoryShape) => {
    for (const [name, group] of Object.entries(groups)) {
      names.add(name)
      for (const host of Object.keys(group?.hosts ?? {})) names.add(host)
      collect(group?.children ?? {})
    }
  }
  collect(shape)
  // The walk above is the one that the two types make, which the checker can't follow for a type not known yet.
  return [...names] as never[]
}
