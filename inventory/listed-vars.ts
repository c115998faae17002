import type { Inventory, InventoryHost } from './inventory.ts'
import { sourcesOf } from './known-sources.ts'
import { placeOf } from './place.ts'
import { isVaultText } from './secrets/vault-text.ts'

/** A host's variables as Ansible lists them: encrypted texts and those that are tagged `!unsafe` are told apart. */
export function listedVars(inventory: Inventory, host: InventoryHost): Readonly<Record<string, unknown>> {
  const texts = sourcesOf(inventory)?.texts
  const isTagged = (name: string) => {
    const file = host.origins.get(name)?.file
    return file !== undefined && texts?.get(file)?.text.includes('!unsafe') === true
  }
  return Object.fromEntries(
    Object.entries(host.vars).map(([name, value]) => [name, listed(value, isTagged(name) ? host : undefined, [name])]),
  )
}

/** `host` is there where a tag may be. */
function listed(value: unknown, host: InventoryHost | undefined, path: readonly [string, ...PropertyKey[]]): unknown {
  if (typeof value === 'string') {
    if (isVaultText(value)) return { __ansible_vault: value }
    const [name, ...inner] = path
    const origin = host?.origins.get(name)
    return host && origin && placeOf(host, origin, inner).unsafe ? { __ansible_unsafe: value } : value
  }
  if (Array.isArray(value)) return value.map((item, i) => listed(item, host, [...path, i]))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  if ('__ansible_vault' in value) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, listed(item, host, [...path, key])]))
}
