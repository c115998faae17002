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
  /** Groups that list the host themselves. */
  readonly groups: Set<GraphGroup>
}

export interface GraphGroup {
  readonly name: string
  /** Where a source first names it; `all` and `ungrouped` are there before. */
  origin: Origin
  readonly vars: Vars
  readonly hosts: Set<GraphHost>
  readonly children: Set<GraphGroup>
  readonly parents: Set<GraphGroup>
  /** `ansible_group_priority`: among groups of one depth the higher wins. */
  priority: number
}

/** What `group_vars` and `host_vars` of one folder say. */
export interface VarFolder {
  readonly groups: ReadonlyMap<string, Vars>
  readonly hosts: ReadonlyMap<string, Vars>
}

/** Groups and hosts while sources are read; several sources add to the same one. */
export class InventoryGraph {
  readonly groups = new Map<string, GraphGroup>()
  readonly hosts = new Map<string, GraphHost>()
  /** Folders beside the inventories, in the order in which they apply. */
  readonly inventoryFolders: VarFolder[] = []
  /** The playbook's folder, stronger than those. */
  readonly playbookFolders: VarFolder[] = []

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
      hosts: new Set(),
      children: new Set(),
      parents: new Set(),
      priority: 1,
    }
    this.groups.set(name, group)
    return group
  }

  /**
   * The host of that name, made where it is new, as a member of the group. The port appended to its name counts where
   * the host is first named, as for Ansible.
   */
  host(name: string, group: GraphGroup, origin: Origin, port?: number): GraphHost {
    let host = this.hosts.get(name)
    if (!host) {
      host = { name, origin, vars: new Map(), groups: new Set() }
      this.hosts.set(name, host)
      if (port !== undefined) host.vars.set('ansible_port', { value: port, origin })
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
