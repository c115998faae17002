import type { Origin } from './inventory.ts'

export interface VarValue {
  readonly value: unknown
  readonly origin: Origin
}

export type Vars = Map<string, VarValue>

export interface GraphHost {
  readonly name: string
  readonly origin: Origin
  readonly vars: Vars
  /** Of `host_vars/`: stronger than what the inventory itself says. */
  readonly fileVars: Vars
  /** Groups that list the host themselves. */
  readonly groups: Set<GraphGroup>
}

export interface GraphGroup {
  readonly name: string
  /** Where a source first names it; `all` and `ungrouped` are there before. */
  origin: Origin
  readonly vars: Vars
  /** Of `group_vars/`. */
  readonly fileVars: Vars
  readonly hosts: Set<GraphHost>
  readonly children: Set<GraphGroup>
  readonly parents: Set<GraphGroup>
  /** `ansible_group_priority`: among groups of one depth the higher wins. */
  priority: number
}

/** Groups and hosts while sources are read; several sources add to the same one. */
export class InventoryGraph {
  readonly groups = new Map<string, GraphGroup>()
  readonly hosts = new Map<string, GraphHost>()

  constructor(origin: Origin) {
    this.connect(this.group('all', origin), this.group('ungrouped', origin))
  }

  /** The group of that name, made where it is new. */
  group(name: string, origin: Origin): GraphGroup {
    const known = this.groups.get(name)
    if (known) {
      if (known.origin.line === undefined) known.origin = origin
      return known
    }
    const group: GraphGroup = {
      name,
      origin,
      vars: new Map(),
      fileVars: new Map(),
      hosts: new Set(),
      children: new Set(),
      parents: new Set(),
      priority: 1,
    }
    this.groups.set(name, group)
    return group
  }

  /** The host of that name, made where it is new, as a member of the group. */
  host(name: string, group: GraphGroup, origin: Origin): GraphHost {
    let host = this.hosts.get(name)
    if (!host) {
      host = { name, origin, vars: new Map(), fileVars: new Map(), groups: new Set() }
      this.hosts.set(name, host)
    }
    group.hosts.add(host)
    host.groups.add(group)
    return host
  }

  /** Puts a group under another; gives the groups of the loop, from the child back to itself, where that would make one. */
  connect(parent: GraphGroup, child: GraphGroup): string[] | undefined {
    const loop = path(child, parent)
    if (loop) return [...loop.map((group) => group.name), child.name]
    parent.children.add(child)
    child.parents.add(parent)
    return undefined
  }

  /** Puts what is in no group of the user's below `all` and `ungrouped`. Call it once all sources are read. */
  settle(): void {
    const all = this.groups.get('all')!
    const ungrouped = this.groups.get('ungrouped')!
    for (const group of this.groups.values()) if (group !== all && group.parents.size === 0) this.connect(all, group)
    for (const host of this.hosts.values()) {
      const own = [...host.groups].some((group) => group !== all && group !== ungrouped)
      if (!own) {
        host.groups.add(ungrouped)
        ungrouped.hosts.add(host)
      } else if (host.groups.delete(ungrouped)) ungrouped.hosts.delete(host)
    }
  }
}

/** A way down from one group to another, both included; each group is visited once. */
function path(from: GraphGroup, to: GraphGroup): GraphGroup[] | undefined {
  const cameFrom = new Map<GraphGroup, GraphGroup | undefined>([[from, undefined]])
  for (const group of cameFrom.keys()) {
    if (group === to) {
      const way: GraphGroup[] = []
      for (let at: GraphGroup | undefined = group; at; at = cameFrom.get(at)) way.unshift(at)
      return way
    }
    for (const child of group.children) if (!cameFrom.has(child)) cameFrom.set(child, group)
  }
  return undefined
}
