import { isConnectionVar } from './connection-names.ts'
import type { Inventory, InventoryHost } from './inventory.ts'
import { propertiesOf, propertyLine } from './value-type.ts'

/**
 * A TypeScript module with the names and variable types of an inventory, for playbooks to import: `groups` (every group
 * and host), the types `GroupName`, `HostName`, `Vars` (of every host) and `GroupVars` (of the hosts of each group), and
 * `vars`, a schema that says so to `playbook(…)`. Variables that not every host has are optional; those that only say how
 * hosts are reached are left out. `command` is what writes it again.
 */
export function typeModule(inventory: Inventory, command: string): string {
  const groups = [...inventory.groups.keys()].toSorted()
  const hosts = [...inventory.hosts.keys()].toSorted()
  const all = [...inventory.hosts.values()]
  const required = propertiesOf(all.map(ownVars)).filter(({ values }) => values.length === all.length)
  const groupVars = groups.map((name) => {
    const members = (inventory.groups.get(name)?.hosts ?? []).flatMap((host) => inventory.hosts.get(host) ?? [])
    return `  readonly ${JSON.stringify(name)}: ${indented(varsType(members))}`
  })
  const body = `/** Every group. */
export type GroupName =${union(groups)}

/** Every host. */
export type HostName =${union(hosts)}

/** For playbook(…, { groups }): patterns with any other name no longer compile. */
export const groups: readonly (GroupName | HostName)[] = ${list([...groups, ...hosts])}

/** Variables of every host; what not every host has is optional. */
export interface Vars ${varsType(all)}

/** Variables of the hosts of each group. */
export interface GroupVars {
${groupVars.join('\n')}
}

const required = ${list(required.map(({ name }) => name))}

interface VarsResult {
  readonly value: Vars
  readonly issues?: undefined
}

interface VarsFailure {
  readonly issues: readonly { readonly message: string; readonly path: readonly string[] }[]
}

/** For playbook(…, { vars }): host.vars has the types of Vars, and no host may lack what every host had. */
export const vars = {
  '~standard': {
    version: 1 as const,
    vendor: 'tsplay',
    types: undefined as { readonly input: Vars; readonly output: Vars } | undefined,
    validate(value: unknown): VarsResult | VarsFailure {
      const given = value as Vars
      const missing = required.filter((name) => !Object.hasOwn(given, name))
      if (missing.length === 0) return { value: given }
      return { issues: missing.map((name) => ({ message: 'every host had it when the types were written', path: [name] })) }
    },
  },
}
`
  const imports = body.includes('Secret<string>') ? "import type { Secret } from 'tsplay'\n\n" : ''
  return `// Written by: ${command.replaceAll(/[\r\n]/g, ' ')}\n// Do not edit it; write it again when the inventory changes.\n\n${imports}${body}`
}

const ownVars = ({ vars }: InventoryHost) =>
  Object.fromEntries(Object.entries(vars).filter(([name]) => !isConnectionVar(name)))

function varsType(hosts: readonly InventoryHost[]): string {
  const properties = propertiesOf(hosts.map(ownVars))
  if (properties.length === 0) return '{}'
  return `{\n${properties.map(({ name, values }) => `  ${propertyLine(name, values, hosts.length)}\n`).join('')}}`
}

const indented = (text: string) => text.replaceAll('\n', '\n  ')

const union = (names: readonly string[]) =>
  names.length === 0 ? ' never' : names.map((name) => `\n  | ${JSON.stringify(name)}`).join('')

const list = (names: readonly string[]) =>
  names.length === 0 ? '[] as string[]' : `[\n${names.map((name) => `  ${JSON.stringify(name)},\n`).join('')}]`
