import type { GraphGroup } from './graph.ts'
import type { Inventory } from './inventory.ts'
import { graphOf } from './known-sources.ts'
import { listedVars } from './listed-vars.ts'

/** A group of {@link ListShape}; without what is empty. */
export interface ListedGroup {
  readonly children?: readonly string[]
  /** Those that are in the group itself; `all` tells none. */
  readonly hosts?: readonly string[]
}

/** What `ansible-inventory --list` prints, and what an inventory script answers. */
export type ListShape = Readonly<
  Record<string, ListedGroup | { readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>
>

/** An inventory in the shape of Ansible's `--list`: groups without members are left out, and hosts without variables. */
export function listShape(inventory: Inventory): ListShape {
  const groups = [...graphOf(inventory).groups.values()].flatMap((group): [string, ListedGroup][] => {
    const { children, hosts } = members(group)
    const listed = {
      ...(children.length === 0 ? {} : { children }),
      ...(hosts.length === 0 || group.name === 'all' ? {} : { hosts }),
    }
    return Object.keys(listed).length === 0 ? [] : [[group.name, listed]]
  })
  const hostvars = [...inventory.hosts.values()]
    .filter(({ vars }) => Object.keys(vars).length > 0)
    .map((host): [string, Readonly<Record<string, unknown>>] => [host.name, listedVars(inventory, host)])
  return Object.fromEntries([...groups, ['_meta', { hostvars: Object.fromEntries(hostvars) }]])
}

const members = ({ children, hosts }: GraphGroup) => ({
  children: [...children].map(({ name }) => name),
  hosts: [...hosts].map(({ name }) => name),
})

/**
 * A group, what is below it, and its hosts, as `ansible-inventory --graph` draws them. `details` are the lines below a
 * host.
 */
export function graphLines(
  inventory: Inventory,
  name: string,
  details: (host: string) => readonly string[] = () => [],
): string[] {
  const lines: string[] = []
  const draw = (group: GraphGroup, level: number) => {
    lines.push(drawn(`@${group.name}:`, level))
    for (const child of group.children) draw(child, level + 1)
    if (group.name === 'all') return
    for (const host of group.hosts) {
      lines.push(drawn(host.name, level + 1))
      for (const detail of details(host.name)) lines.push(drawn(detail, level + 2))
    }
  }
  const group = graphOf(inventory).groups.get(name)
  if (group) draw(group, 0)
  return lines
}

const drawn = (text: string, level: number) => (level === 0 ? text : `${'  |'.repeat(level)}--${text}`)
