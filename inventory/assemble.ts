import type { GraphGroup, GraphHost, InventoryGraph, VarFolder, Vars } from './graph.ts'
import type { Inventory, InventoryGroup, InventoryHost, Origin } from './inventory.ts'
import { Origins } from './origins.ts'

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
    const inherited = inherit(graph, host, depths, shared)
    const own = merged([...hostLayers(graph, host), extra])
    hosts.set(host.name, {
      name: host.name,
      groups: inherited.groups,
      vars: varsOf(inherited, own),
      origins: new Origins(own, inherited.vars),
      origin: host.origin,
    })
  }
  const groups = new Map([...graph.groups.values()].map((group) => [group.name, finished(group)]))
  return { source, hosts, groups }
}

/** All that is said of a host's variables, the weakest first; without the command line's. */
export function layersOf(graph: InventoryGraph, host: GraphHost): readonly Layer[] {
  const sorted = groupsOf(host, depthsBelow(graph.groups.get('all')!))
  return [...groupLayers(graph, sorted), ...hostLayers(graph, host).map((vars) => ({ level: 'host', vars }) as const)]
}

/** Who says something of a variable, from weak to strong. */
export type Level = 'inventory groups' | 'group_vars/all' | 'group_vars' | 'host' | 'command line'

export interface Layer {
  readonly level: Level
  readonly vars: Vars
}

/** Where values of `-e` and `--var` come from. */
export const commandLine: Origin = { file: 'command line' }

interface Inherited {
  readonly groups: readonly string[]
  readonly vars: Vars
  /** Records with the variables of these groups and of a host, by the names of the latter: each host's is a copy of one. */
  readonly records: Map<string, Readonly<Record<string, unknown>>>
}

/** What a host gets from its groups; computed once for all hosts that are in the same ones. */
function inherit(
  graph: InventoryGraph,
  host: GraphHost,
  depths: ReadonlyMap<GraphGroup, number>,
  shared: Map<string, Inherited>,
): Inherited {
  const key = [...host.groups].map((group) => group.name).join('\0')
  const known = shared.get(key)
  if (known) return known
  const sorted = groupsOf(host, depths)
  const vars = merged(groupLayers(graph, sorted).map((layer) => layer.vars))
  const inherited = { groups: sorted.map((group) => group.name), vars, records: new Map() }
  shared.set(key, inherited)
  return inherited
}

/** Layers laid over each other; the only one that says anything is taken as it is. */
function merged(layers: readonly Vars[]): Vars {
  const [only, ...more] = layers.filter(({ size }) => size > 0)
  if (more.length === 0) return only ?? nothing
  const vars: Vars = new Map(only)
  for (const layer of more) for (const [key, value] of layer) vars.set(key, value)
  return vars
}

const nothing: Vars = new Map()

const valuesOf = (vars: Vars): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...vars].map(([key, { value }]) => [key, value]))

/**
 * A host's variables over those of its groups. A copy of a record that has all the names already: one that grows name by
 * name becomes a hash table in V8, five times as large and long in the making, which ten thousand hosts feel.
 */
function varsOf({ vars, records }: Inherited, own: Vars): Readonly<Record<string, unknown>> {
  const names = [...own.keys()].join('\0')
  const known = records.get(names)
  if (known === undefined || own.has('__proto__')) {
    const made = valuesOf(new Map([...vars, ...own]))
    records.set(names, made)
    return made
  }
  const copy: Record<string, unknown> = { ...known }
  for (const [name, { value }] of own) copy[name] = value
  return copy
}

/** A host's groups and their parents, the weakest first. */
function groupsOf(host: GraphHost, depths: ReadonlyMap<GraphGroup, number>): readonly GraphGroup[] {
  const groups = new Set(host.groups)
  for (const group of groups) for (const parent of group.parents) groups.add(parent)
  const depth = (group: GraphGroup) => depths.get(group) ?? 0
  return [...groups].toSorted((a, b) => depth(a) - depth(b) || a.priority - b.priority || byCodePoint(a.name, b.name))
}

/** As Python sorts text. */
function byCodePoint(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/**
 * Ansible's order: what the inventory says of the groups; then of `all`, and then of the other groups, the folders
 * beside the inventory, and the playbook's.
 */
function groupLayers(graph: InventoryGraph, sorted: readonly GraphGroup[]): readonly Layer[] {
  const { inventoryFolders, playbookFolders } = graph
  const [all, others] = [sorted.filter(({ name }) => name === 'all'), sorted.filter(({ name }) => name !== 'all')]
  const of = (level: Level, folders: readonly VarFolder[], groups: readonly GraphGroup[]): Layer[] =>
    folders
      .flatMap((folder) => groups.flatMap(({ name }) => folder.groups.get(name) ?? []))
      .map((vars) => ({ level, vars }))
  return [
    ...sorted.map(({ vars }): Layer => ({ level: 'inventory groups', vars })),
    ...of('group_vars/all', inventoryFolders, all),
    ...of('group_vars/all', playbookFolders, all),
    ...of('group_vars', inventoryFolders, others),
    ...of('group_vars', playbookFolders, others),
  ]
}

const hostLayers = ({ inventoryFolders, playbookFolders }: InventoryGraph, { name, vars }: GraphHost) => [
  vars,
  ...[...inventoryFolders, ...playbookFolders].flatMap((folder) => folder.hosts.get(name) ?? []),
]

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
