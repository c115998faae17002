import type { Vars } from './graph.ts'
import type { InventoryHost } from './inventory.ts'
import { plainKey } from './plain-key.ts'

/** Hosts with equal variables, so that each set is checked once: those of the same groups that say the same of themselves. */
export function alike(hosts: readonly InventoryHost[]): readonly (readonly InventoryHost[])[] {
  const byShared = new Map<Vars, { readonly isPlain: boolean; readonly groups: Map<unknown, InventoryHost[]> }>()
  const all: InventoryHost[][] = []
  for (const host of hosts) {
    const { shared } = host.origins
    let known = byShared.get(shared)
    if (!known) byShared.set(shared, (known = { isPlain: plainKey(valuesOf(shared)) !== undefined, groups: new Map() }))
    // Secrets, dates and the like are not told apart by a text: such a host is like no other.
    const key = (known.isPlain ? ownKey(host) : undefined) ?? host
    const group = known.groups.get(key)
    if (group) group.push(host)
    else {
      const made = [host]
      known.groups.set(key, made)
      all.push(made)
    }
  }
  return all
}

function ownKey({ origins, vars }: InventoryHost): string | undefined {
  const said: unknown[] = []
  for (const name of origins.own.keys()) said.push(name, vars[name])
  // Most hosts say a few words and numbers of themselves, which needs no such care as plainKey takes.
  return said.every(isSimple) ? JSON.stringify(said) : plainKey(said)
}

const isSimple = (value: unknown) =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value) && value !== 0)

const valuesOf = (vars: Vars) => [...vars.values()].map(({ value }) => value)
