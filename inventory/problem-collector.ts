import type { StandardSchemaV1 } from '@standard-schema/spec'
import { Secret } from '../runner/model/secret.ts'
import type { Inventory, InventoryHost, Origin } from './inventory.ts'
import { sourcesOf } from './known-sources.ts'
import { near } from './near.ts'
import { placeOf, placeOfName } from './place.ts'
import type { Place } from './place.ts'
import { check } from './schema-check.ts'
import type { VarIssue } from './schema-check.ts'
import { showOrigin } from './source-text.ts'
import { unusable } from './secrets/unusable.ts'
import { isSecretName } from './untold.ts'
import type { VarProblem } from './var-problem.ts'

interface Pending {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly hint: string | undefined
  /** Where the value is; absent for a variable that is missing, which is placed once all its hosts are known. */
  readonly place: Place | undefined
  readonly hosts: Set<string>
}

/** Gathers what is wrong with variables; the same fault at the same place becomes one problem of many hosts. */
export class ProblemCollector {
  readonly #inventory: Inventory
  readonly #checked: ReadonlySet<string>
  readonly #context: string
  readonly #pending = new Map<string, Pending>()

  constructor(inventory: Inventory, checked: readonly InventoryHost[], context: string) {
    this.#inventory = inventory
    this.#checked = new Set(checked.map((host) => host.name))
    this.#context = context
  }

  /** An issue of a schema, on hosts whose variables are equal. */
  async add(schema: StandardSchemaV1, hosts: readonly InventoryHost[], { path, message }: VarIssue): Promise<void> {
    for (const [host, alike] of byOrigin(hosts, path)) {
      const [name] = path
      if (name === undefined) await this.#put(alike, { path, message, place: undefined }, () => undefined)
      else if (!Object.hasOwn(host.vars, name)) {
        const fault = { path, message: `this variable is missing: ${message}`, place: undefined }
        await this.#put(alike, fault, () => this.#misspelt(host, String(name)) ?? whereToGive(String(name)))
      } else await this.#addWrong(schema, host, alike, { path, message })
    }
  }

  async #addWrong(
    schema: StandardSchemaV1,
    host: InventoryHost,
    alike: readonly InventoryHost[],
    { path, message }: VarIssue,
  ): Promise<void> {
    const place = this.#placeOf(host, path)
    const value = valueAt(host.vars, path)
    const why = place.unsafe ? undefined : unusable(value)
    if (why) return this.#put(alike, { path, message: `the value ${why.reason}`, place }, () => why.hint)
    // A schema's message may quote the value.
    const secret = path.some((key) => isSecretName(String(key)))
    if (value instanceof Secret) {
      const hint = 'Let the schema ask for a Secret, as v.instance(Secret) does.'
      return this.#put(
        alike,
        { path, message: 'the value is a Secret, and does not fit the schema', place },
        () => hint,
      )
    }
    const shown = secret ? 'the value does not fit the schema (it is not shown)' : message
    return this.#put(alike, { path, message: shown, place }, () => this.#quote(schema, host, path, place))
  }

  /** A text that is needed and can't be used. */
  async addUnusable(hosts: readonly InventoryHost[], path: readonly PropertyKey[]): Promise<void> {
    for (const [host, alike] of byOrigin(hosts, path)) {
      const why = unusable(valueAt(host.vars, path))
      const place = this.#placeOf(host, path)
      if (why && !place.unsafe) {
        await this.#put(alike, { path, message: `the value ${why.reason}`, place }, () => why.hint)
      }
    }
  }

  #placeOf(host: InventoryHost, path: readonly PropertyKey[]): Place {
    return placeOf(this.#inventory, host.origins.get(String(path[0])) ?? host.origin, path.slice(1))
  }

  /** In the order of the hosts in which they were found. */
  problems(): VarProblem[] {
    return [...this.#pending.values()].map(({ path, message, hint, place, hosts }) => {
      const names = [...hosts]
      const { origin, excerpt } = place ?? this.#owner(names)
      return { hosts: names, path, message, origin, excerpt, hint, context: this.#context }
    })
  }

  /** Adds hosts to a problem; the hint, which may be costly, is only worked out for a new one. */
  async #put(
    hosts: readonly InventoryHost[],
    fault: Pick<Pending, 'path' | 'message' | 'place'>,
    hint: () => Promise<string | undefined> | string | undefined,
  ): Promise<void> {
    const { path, message, place } = fault
    const key = JSON.stringify([path.map(String), message, place ? showOrigin(place.origin) : ''])
    let known = this.#pending.get(key)
    if (!known) this.#pending.set(key, (known = { ...fault, hint: await hint(), hosts: new Set() }))
    for (const host of hosts) known.hosts.add(host.name)
  }

  /** Where a missing variable belongs: the host's line, or that of the smallest group whose checked hosts all miss it. */
  #owner(hosts: readonly string[]): Place {
    const missing = new Set(hosts)
    const groupOrigins = sourcesOf(this.#inventory)?.groupOrigins
    const groups = hosts.length < 2 ? [] : [...this.#inventory.groups.values()]
    const fitting = groups.filter((group) => {
      const checked = group.hosts.filter((name) => this.#checked.has(name))
      return (
        checked.length === missing.size &&
        checked.every((name) => missing.has(name)) &&
        groupOrigins?.get(group.name)?.line !== undefined
      )
    })
    const [best] = fitting.toSorted((a, b) => a.hosts.length - b.hosts.length)
    const origin: Origin = (best && groupOrigins?.get(best.name)) ??
      this.#inventory.hosts.get(hosts[0] ?? '')?.origin ?? { file: this.#inventory.source }
    return placeOfName(this.#inventory, origin)
  }

  #misspelt(host: InventoryHost, name: string): string | undefined {
    const [likely] = near(name, Object.keys(host.vars))
    if (likely === undefined) return undefined
    return `There is "${likely}" (${showOrigin(host.origins.get(likely) ?? host.origin)}): was "${name}" meant?`
  }

  /** YAML's usual trap: `1.30` and `no` without quotes are no text. Tried, not guessed: would the text have passed? */
  async #quote(
    schema: StandardSchemaV1,
    host: InventoryHost,
    path: readonly PropertyKey[],
    { plain }: Place,
  ): Promise<string | undefined> {
    const value = valueAt(host.vars, path)
    if (plain === undefined || (typeof value !== 'number' && typeof value !== 'boolean')) return undefined
    const [name = '', ...inner] = path
    const { issues = [] } = await check(
      schema,
      { ...host.vars, [name]: replaced(host.vars[String(name)], inner, plain) },
      this.#context,
    )
    const stays = issues.some((issue) => issue.path.map(String).join('\0') === path.map(String).join('\0'))
    const shown = path.some((key) => isSecretName(String(key))) ? undefined : plain
    if (stays) return undefined
    return shown === undefined
      ? `Without quotes it is a ${typeof value} in YAML: put it in quotes.`
      : `Without quotes ${shown} is a ${typeof value} in YAML: write "${shown}".`
  }
}

function whereToGive(name: string): string {
  if (isSecretName(name)) return 'Give it to the host or to a group of it, encrypted, or as !env, !command or !prompt.'
  return `Give it to the host, to a group of it, or to the run: -e ${name}=…`
}

/** Hosts with equal values may have them from different places. */
function byOrigin(
  hosts: readonly InventoryHost[],
  path: readonly PropertyKey[],
): Iterable<[InventoryHost, InventoryHost[]]> {
  const groups = new Map<string, [InventoryHost, InventoryHost[]]>()
  for (const host of hosts) {
    const origin = host.origins.get(String(path[0]))
    const key = origin ? showOrigin(origin) : ''
    const known = groups.get(key)
    if (known) known[1].push(host)
    else groups.set(key, [host, [host]])
  }
  return groups.values()
}

/** What a path leads to inside a value; `undefined` where it ends before. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null
        ? (Object.getOwnPropertyDescriptor(node, key)?.value as unknown)
        : undefined,
    value,
  )

/** A copy in which one value inside is another. */
function replaced(value: unknown, path: readonly PropertyKey[], text: string): unknown {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return text
  const inner = replaced(valueAt(value, [key]), rest, text)
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner }
}
