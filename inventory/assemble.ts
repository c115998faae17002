import type { GraphGroup, GraphHost, InventoryGraph, Vars } from './graph.ts'
import type { Inventory, InventoryGroup, InventoryHost, Origin } from './inventory.ts'

/** Merges the variables of a settled graph in Ansible's order and gives the finished inventory. */
export function assemble(
  graph: InventoryGraph,
  source: string,
  extraVars: Readonly<Record<string, unknown>>,
): Inventory {
  const depths = depthsBelow(graph.groups.get('all')!)
  const extra: Vars = new Map(Object.entries(extraVars).map(([key, value]) => [key, { value, origin: commandLine }]))
  const shared = new Map<string, Inherited>()
  const hosts = new Map<string, InventoryHost>()
  for (const host of graph.hosts.values()) {
    const inherited = inherit(host, depths, shared)
    const vars: Vars = new Map([...inherited.vars, ...host.vars, ...host.fileVars, ...extra])
    hosts.set(host.name, {
      name: host.name,
      groups: inherited.groups,
      vars: Object.fromEntries([...vars].map(([key, { value }]) => [key, value])),
      origins: new Map([...vars].map(([key, { origin }]) => [key, origin])),
      origin: host.origin,
    })
  }
  const groups = new Map([...graph.groups.values()].map((group) => [group.name, finished(group)]))
  return { source, hosts, groups }
}

/** Where values of `-e` and `--var` come from. */
export const commandLine: Origin = { file: 'command line' }

interface Inherited {
  readonly groups: readonly string[]
  readonly vars: Vars
}

/** What a host gets from its groups; computed once for all hosts that are in the same ones. */
function inherit(host: GraphHost, depths: ReadonlyMap<GraphGroup, number>, shared: Map<string, Inherited>): Inherited {
  const key = JSON.stringify([...host.groups].map((group) => group.name))
  const known = shared.get(key)
  if (known) return known
  const groups = new Set(host.groups)
  for (const group of groups) for (const parent of group.parents) groups.add(parent)
  const depth = (group: GraphGroup) => depths.get(group) ?? 0
  const sorted = [...groups].toSorted(
    (a, b) => depth(a) - depth(b) || a.priority - b.priority || (a.name < b.name ? -1 : 1),
  )
  const all = sorted.find((group) => depth(group) === 0)
  // Ansible's order: what the inventory says of `all` and of the groups, then group_vars/all, then group_vars/<group>.
  const layers = [
    ...sorted.map((group) => group.vars),
    ...(all ? [all.fileVars] : []),
    ...sorted.map((group) => (group === all ? new Map() : group.fileVars) as Vars),
  ]
  const inherited = { groups: sorted.map((group) => group.name), vars: new Map(layers.flatMap((vars) => [...vars])) }
  shared.set(key, inherited)
  return inherited
}

/** The longest way from `all` to each group: a group is stronger than every group above it. */
function depthsBelow(all: GraphGroup): Map<GraphGroup, number> {
  const depths = new Map<GraphGroup, number>()
  const waiting = new Map<GraphGroup, number>()
  const ready = [all]
  depths.set(all, 0)
  for (const group of ready) {
    for (const child of group.children) {
      depths.set(child, Math.max(depths.get(child) ?? 0, depths.get(group)! + 1))
      const left = (waiting.get(child) ?? child.parents.size) - 1
      waiting.set(child, left)
      if (left === 0) ready.push(child)
    }
  }
  return depths
}

/** Hosts in Ansible's order: the group's own, then those of its descendants, level by level. */
function finished(group: GraphGroup): InventoryGroup {
  const below = new Set([group])
  const hosts = new Set<string>()
  for (const one of below) {
    for (const host of one.hosts) hosts.add(host.name)
    for (const child of one.children) below.add(child)
  }
  return { name: group.name, hosts: [...hosts], children: [...group.children].map((child) => child.name) }
}
