import { Secret } from '../../runner/model/secret.ts'
import type { InventoryGraph, Vars } from '../graph.ts'
import { mapped } from './mapped.ts'
import { Sealed } from './sealed.ts'
import { isAgeText } from './age/age-text.ts'
import type { Keyring } from './keyring.ts'
import { isVaultText } from './vault-text.ts'

/** What comes out of an encrypted file: every text and number in it is a Secret. */
export function secretly(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return new Secret(value)
  return mapped(value, secretly)
}

/**
 * Opens every value that age has encrypted (`!age` in YAML) or Ansible's vault (`!vault` in YAML, `__ansible_vault` in
 * JSON), in all variables: a Secret stands for it, or a {@link Sealed} where no key fits, since a playbook may never read
 * it. Values of the vault stay as they are where no password was given.
 */
export const openValues = (graph: InventoryGraph, keyring: Keyring): Promise<void> => openVars(allVars(graph), keyring)

/** As {@link openValues}, of these variables. */
export async function openVars(given: Iterable<Vars>, keyring: Keyring): Promise<void> {
  const found: [Vars, string][] = []
  const texts = new Set<string>()
  for (const vars of given)
    for (const [key, { value }] of vars) if (collect(value, texts, keyring)) found.push([vars, key])
  const all = [...texts]
  const answers = await keyring.openAll(all)
  const opened = new Map<string, unknown>(
    answers.map((answer, i) => [all[i] ?? '', answer.failure ? new Sealed(answer.failure) : new Secret(answer.text)]),
  )
  const open = (value: unknown): unknown => {
    const text = encryptedText(value, keyring)
    return text === undefined ? mapped(value, open) : opened.get(text)
  }
  for (const [vars, key] of found) {
    const known = vars.get(key)
    if (known) vars.set(key, { ...known, value: open(known.value) })
  }
}

function* allVars({ groups, hosts, inventoryFolders, playbookFolders }: InventoryGraph): Iterable<Vars> {
  for (const { vars } of groups.values()) yield vars
  for (const { vars } of hosts.values()) yield vars
  for (const folder of [...inventoryFolders, ...playbookFolders]) {
    yield* folder.groups.values()
    yield* folder.hosts.values()
  }
}

function encryptedText(value: unknown, keyring: Keyring): string | undefined {
  if (typeof value === 'string')
    return isAgeText(value) || (keyring.hasVaultKeys && isVaultText(value)) ? value : undefined
  if (!keyring.hasVaultKeys) return undefined
  if (typeof value !== 'object' || value === null || !('__ansible_vault' in value)) return undefined
  return typeof value.__ansible_vault === 'string' ? value.__ansible_vault : undefined
}

/** Whether there is any inside. */
function collect(value: unknown, texts: Set<string>, keyring: Keyring): boolean {
  const text = encryptedText(value, keyring)
  if (text !== undefined) {
    texts.add(text)
    return true
  }
  if (typeof value !== 'object' || value === null) return false
  let some = false
  for (const item of Object.values(value) as unknown[]) some = collect(item, texts, keyring) || some
  return some
}
