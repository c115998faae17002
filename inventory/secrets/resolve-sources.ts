import { Secret } from '../../runner/model/secret.ts'
import type { Inventory, InventoryHost } from '../inventory.ts'
import { rememberSources, sourcesOf } from '../known-sources.ts'
import { mapped } from './mapped.ts'
import { Sealed } from './sealed.ts'
import { SecretSource } from './secret-source.ts'
import type { SourceKind } from './secret-source.ts'

/** Gets a secret from where a {@link SecretSource} says, or throws an Error that says why it can't. */
export type SecretGetter = (kind: SourceKind, text: string) => Promise<Secret<string>>

/**
 * The inventory with the secret sources of these hosts replaced by what they give, each got once; a {@link Sealed} stands
 * for one that gives nothing. `wanted` leaves variables out by their name. The same inventory where there are none.
 */
export async function resolveSources(
  inventory: Inventory,
  hosts: Iterable<string>,
  get: SecretGetter,
  wanted: (variable: string) => boolean = () => true,
): Promise<Inventory> {
  const concerned = new Map<string, InventoryHost>()
  const sources = new Map<string, SecretSource>()
  for (const name of hosts) {
    const host = inventory.hosts.get(name)
    if (!host) continue
    for (const key of host.origins.namesWhere(holdsSource)) {
      if (!wanted(key)) continue
      for (const source of sourcesIn(host.vars[key])) {
        sources.set(keyOf(source), source)
        concerned.set(name, host)
      }
    }
  }
  if (sources.size === 0) return inventory
  const values = new Map<string, Secret<string> | Sealed>()
  // One after the other: questions are asked in the order of the inventory, and a first wrong command is not followed by fifty.
  for (const [key, source] of sources) values.set(key, await got(source, get))
  const open = (value: unknown): unknown =>
    value instanceof SecretSource ? (values.get(keyOf(value)) ?? value) : mapped(value, open)
  const all = new Map(
    [...inventory.hosts].map(([name, host]) => [
      name,
      concerned.has(name) ? { ...host, vars: mapped(host.vars, open) as InventoryHost['vars'] } : host,
    ]),
  )
  const resolved = { ...inventory, hosts: all }
  const known = sourcesOf(inventory)
  return known ? rememberSources(resolved, known) : resolved
}

const keyOf = ({ kind, text }: SecretSource) => `${kind} ${text}`

async function got({ kind, text }: SecretSource, get: SecretGetter): Promise<Secret<string> | Sealed> {
  try {
    return await get(kind, text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const hint =
      kind === 'env'
        ? `Set it: export ${text}=…`
        : kind === 'command'
          ? 'Run it yourself, and see.'
          : 'Run it at a terminal.'
    return new Sealed({ reason: `can not be got: ${why}`, hint })
  }
}

const holdsSource = (value: unknown) => typeof value === 'object' && sourcesIn(value).length > 0

function sourcesIn(value: unknown): SecretSource[] {
  if (value instanceof SecretSource) return [value]
  if (typeof value !== 'object' || value === null || value instanceof Secret) return []
  return Object.values(value).flatMap(sourcesIn)
}
