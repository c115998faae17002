import type { InventoryHost } from './inventory.ts'
import { errorAt, placeOf } from './place.ts'
import { revealAny } from '../runner/model/secret.ts'
import { Sealed } from './secrets/sealed.ts'
import { unusable } from './secrets/unusable.ts'

/** The variable that holds plain names: `connection: { host, port }` is read as `connection.host` and `connection.port`. */
export const mapping = 'connection'

interface Found {
  readonly name: string
  readonly value: unknown
}

/** What `connection` holds; a value of another shape is an error. */
export function connectionOf(host: InventoryHost): Readonly<Record<string, unknown>> {
  const value = host.vars[mapping]
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && value.constructor === Object) return { ...value }
  throw fault(host, mapping, `a mapping is expected, not ${kind(value)}`, `Write { host: 192.0.2.1, user: deploy }.`)
}

function valueOf(host: InventoryHost, name: string): unknown {
  if (name.startsWith(`${mapping}.`))
    return Object.hasOwn(host.vars, mapping) ? connectionOf(host)[name.slice(mapping.length + 1)] : undefined
  return Object.hasOwn(host.vars, name) ? host.vars[name] : undefined
}

/** The strongest of the names that has a value. */
export function pick(host: InventoryHost, wanted: readonly string[]): Found | undefined {
  for (const name of wanted) {
    const value = valueOf(host, name)
    if (value instanceof Sealed) throw fault(host, name, `the value ${value.reason}`, value.hint)
    if (value !== undefined && value !== null && value !== '') return { name, value }
  }
  return undefined
}

/** The same, taken out of a Secret: a user or an address from an encrypted file. */
function pickOpen(host: InventoryHost, wanted: readonly string[]): Found | undefined {
  const found = pick(host, wanted)
  return found && { name: found.name, value: revealAny(found.value) }
}

/** The inventory's variable that holds it. */
const variable = (name: string) => (name.startsWith(`${mapping}.`) ? mapping : name)

/** What is wrong with a variable, where it is written. */
export function fault(host: InventoryHost, name: string, message: string, hint?: string) {
  const place = placeOf(host, host.origins.get(variable(name)) ?? host.origin)
  return errorAt(place, `${name} of ${host.name}: ${message}`, hint)
}

/** Text as it is written; throws `INVENTORY` for a value of another kind, as the readers below do. */
export function text(host: InventoryHost, wanted: readonly string[]): string | undefined {
  const found = pickOpen(host, wanted)
  return found && checkText(host, found)
}

/** Text, or the object that stands for it: a Secret is handed on unopened. */
export function secret(host: InventoryHost, wanted: readonly string[]): string | object | undefined {
  const value = pick(host, wanted)?.value
  const plain = Array.isArray(value) || (typeof value === 'object' && value?.constructor === Object)
  return typeof value === 'object' && value !== null && !plain ? value : text(host, wanted)
}

function checkText(host: InventoryHost, { name, value }: Found): string {
  if (typeof value !== 'string')
    throw fault(host, name, `text is expected, not ${kind(value)}`, 'Put the value in quotes.')
  const why = unusable(value)
  if (why && !placeOf(host, host.origins.get(variable(name)) ?? host.origin).unsafe)
    throw fault(host, name, `the value ${why.reason}`, why.hint)
  return value
}

/** Text that ends up as one argument of ssh: no white space, and no option. */
export function word(host: InventoryHost, wanted: readonly string[]): string | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  const value = checkText(host, found)
  if (/[\s\u0000-\u001f]/.test(value) || value.startsWith('-'))
    throw fault(host, found.name, 'one word is expected, without spaces and not beginning with "-"')
  return value
}

/** A whole number within bounds, also as text; `noun` is what is expected, for people. */
export function whole(
  host: InventoryHost,
  wanted: readonly string[],
  least: number,
  most: number,
  noun: string,
): number | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  const { name, value } = found
  if (typeof value === 'string') checkText(host, found)
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
  throw fault(host, name, `${noun} is expected, not ${typeof number === 'number' ? number : kind(value)}`)
}

/** True or false in any of the words that Ansible takes for them. */
export function boolean(host: InventoryHost, wanted: readonly string[]): boolean | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  if (typeof found.value === 'boolean') return found.value
  if (/^(?:true|yes|on|1)$/i.test(String(found.value))) return true
  if (/^(?:false|no|off|0)$/i.test(String(found.value))) return false
  throw fault(host, found.name, `true or false is expected, not ${kind(found.value)}`)
}

/** Several texts, or one. */
export function list(host: InventoryHost, wanted: readonly string[]): string[] | undefined {
  const found = pickOpen(host, wanted)
  if (!found) return undefined
  const values: unknown[] = Array.isArray(found.value) ? found.value : [found.value]
  return values.map((value) => checkText(host, { name: found.name, value }))
}

/** What a value is, without showing it. */
function kind(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}
