import type { GraphGroup, InventoryGraph, Vars } from './graph.ts'
import { hostNames } from './host-names.ts'
import { didYouMean } from './near.ts'
import { isPrintable } from './printable.ts'
import { secretly } from './secrets/secret-values.ts'
import { kindName } from './shape-node.ts'
import type { ShapeEntry, ShapeNode } from './shape-node.ts'

const sections = ['hosts', 'children', 'vars']

/** Reads a whole inventory in Ansible's shape: each top-level key is a group. Adds to the graph; throws on the first fault. */
export function readGroups(root: ShapeNode, graph: InventoryGraph): void {
  if (root.kind !== 'map') {
    throw root.error(
      `an inventory is a mapping of groups, this is ${kindName(root)}`,
      'Begin like this: all: { hosts: { web1: {} } }',
    )
  }
  const entries = root.entries()
  for (const entry of entries) {
    if (entry.key === 'plugin') {
      const hint =
        'Use a TypeScript module that gives the hosts, or save the output of: ansible-inventory --list --yaml'
      throw entry.error(
        "this is the configuration of one of Ansible's inventory plugins, which are not supported",
        hint,
      )
    }
    if (sections.includes(entry.key)) {
      throw entry.error(`"${entry.key}" stands at the top, where groups are named`, 'Put it below a group: all:')
    }
  }
  for (const entry of entries) readGroup(entry, graph)
}

function readGroup(entry: ShapeEntry, graph: InventoryGraph): GraphGroup {
  const { key: name, node, origin } = entry
  if (name.trim() === '') throw entry.error('a group needs a name')
  if (!isPrintable(name)) throw entry.error(`"${name}" is no group name: it holds a control character`)
  const group = graph.group(name, origin)
  if (node.kind === 'null') return group
  if (node.kind !== 'map') {
    throw node.error(
      `group "${name}" must be a mapping with hosts, children or vars; this is ${kindName(node)}`,
      `Write the hosts as ${name}: { hosts: { web1: {}, web2: {} } }`,
    )
  }
  for (const section of node.entries()) {
    switch (section.key) {
      case 'vars':
        readVars(section, group)
        break
      case 'children':
        for (const child of names(section, 'group')) {
          if (child.key === 'all') throw child.error('"all" holds every group and can not be in one', 'Remove it here.')
          const loop = graph.connect(group, readGroup(child, graph))
          if (loop) throw child.error(`the group contains itself: ${loop.join(' > ')}`, 'Remove one of these children.')
        }
        break
      case 'hosts':
        for (const host of names(section, 'host')) readHost(host, group, graph)
        break
      default:
        throw section.error(
          unknownKey(section, name, sections),
          `A group has hosts, children and vars. Variables go below vars:, groups below children:.`,
        )
    }
  }
  return group
}

const unknownKey = ({ key }: ShapeEntry, group: string, known: readonly string[]) =>
  `group "${group}" has an unknown key "${key}".${didYouMean(key, known)}`

/** The entries of `hosts` or `children`, which may also be one name as text. */
function names(section: ShapeEntry, noun: string): ShapeEntry[] {
  const { key, node, origin } = section
  if (node.kind === 'map') return node.entries()
  if (node.kind === 'null') return []
  if (node.kind === 'text') {
    const nothing: ShapeNode = {
      kind: 'null',
      entries: () => [],
      value: () => null,
      error: (...it) => node.error(...it),
    }
    return [{ key: String(node.value()), node: nothing, origin, error: (...it) => section.error(...it) }]
  }
  const example = noun === 'host' ? 'web1: {}' : 'web: {}'
  const example2 = noun === 'host' ? 'web2: {}' : 'db: {}'
  throw node.error(
    `"${key}" must be a mapping of ${noun} names; this is ${kindName(node)}`,
    `Write each ${noun} as a key that ends in a colon, without a dash:\n    ${key}:\n      ${example}\n      ${example2}`,
  )
}

function readVars({ node }: ShapeEntry, group: GraphGroup): void {
  if (node.kind === 'null') return
  if (node.kind !== 'map')
    throw node.error(
      `"vars" must be a mapping of names and values; this is ${kindName(node)}`,
      'Write vars: { name: value }',
    )
  for (const entry of node.entries()) {
    if (entry.key === 'ansible_group_priority') group.priority = priority(entry)
    else put(group.vars, entry)
  }
}

/** `ansible_group_priority` as a whole number. */
export function priority({ node }: ShapeEntry): number {
  const value = Number(node.value())
  if (!Number.isInteger(value) || node.kind === 'null')
    throw node.error('ansible_group_priority must be a whole number')
  return value
}

/** Sets a variable; the last one wins and stands where it was read last. */
export function put(vars: Vars, { key, node, origin }: ShapeEntry): void {
  vars.set(key, { value: node.isSecret ? secretly(node.value()) : node.value(), origin })
}

function readHost(entry: ShapeEntry, group: GraphGroup, graph: InventoryGraph): void {
  const { key, node, origin } = entry
  if (node.kind !== 'map' && node.kind !== 'null') {
    throw node.error(
      `host "${key}" must have a mapping of variables, or nothing; this is ${kindName(node)}`,
      node.kind === 'text'
        ? `For an address write ${key}: { ansible_host: ${String(node.value())} }`
        : `Write ${key}: { name: value }`,
    )
  }
  const { names, port } = hostNames(key, (message, hint) => entry.error(message, hint))
  for (const name of names) {
    const host = graph.host(name, group, origin, port)
    for (const variable of node.entries()) put(host.vars, variable)
  }
}
