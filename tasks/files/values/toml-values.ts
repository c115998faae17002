import { isDeepStrictEqual } from 'node:util'
import { parse, patch } from '@decimalturn/toml-patch'
import { TsplayError } from '../../../runner/model/errors.ts'
import type { Resource } from '../../../runner/model/resource.ts'
import type { Secret } from '../../../runner/model/secret.ts'
import { itemRemoved, listIndex, wrongParent } from './json-values.ts'
import { isTable, shownPath, type ValueEdit } from './value-edit.ts'
import { valuesFile, type ValuesOptions } from './values-file.ts'

/** What a TOML file can hold; a bigint is a large integer. Dates are left alone, and can't be set. */
export type TomlValue =
  | string
  | number
  | bigint
  | boolean
  | Secret<string>
  | readonly TomlValue[]
  | { readonly [key: string]: TomlValue }

export type TomlValues = { readonly [key: string]: TomlValue }

export type TomlValuesOptions = ValuesOptions<TomlValues>

const definition = valuesFile<TomlValues>('tomlValues', editToml, (what, edits) => {
  for (const { path, value } of edits) {
    if (value === null)
      throw new TsplayError('OPTIONS', `${what}: ${shownPath(path)}: TOML has no null`, { hint: 'use remove' })
  }
})

/**
 * Values in a TOML file. Comments, order and layout stay; what is removed takes the comment right above it along.
 * @example
 * await host.ensure(tomlValues({
 *   path: '/etc/containerd/config.toml', set: { grpc: { uid: 0 } }, remove: [['debug', 'address']],
 * }), { onChange: restart('containerd') })
 */
export function tomlValues(options: TomlValuesOptions): Resource<{ readonly path: string }> {
  return definition(options)
}

type Table = Record<string, unknown>

/** The text with the edits made. */
export function editToml(what: string, text: string, edits: readonly ValueEdit[]): string {
  const values = parsed(what, text)
  for (const { path, ...edit } of edits) {
    const parent = parentOf(what, values, path, 'value' in edit)
    const key = path.at(-1) as string
    if (parent === undefined) continue
    const isList = Array.isArray(parent)
    if (!('value' in edit)) {
      if (isList) throw itemRemoved(what, path)
      delete (parent as Table)[key]
    } else if (isList && listIndex(key, parent.length, true) === undefined) {
      throw wrongParent(what, path.slice(0, -1), key, true)
    } else (parent as Table)[key] = edit.value
  }
  const before = parsed(what, text)
  if (isDeepStrictEqual(plain(values), plain(before))) return text
  const edited = patch(text, values)
  return edited === '' || edited.endsWith('\n') ? edited : `${edited}\n`
}

function parsed(what: string, text: string): Table {
  try {
    return parse(text) as Table
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TsplayError('OPTIONS', `${what}: the file is no TOML: ${why}`, { cause })
  }
}

/** The table or list that a path's last key is in; made where it is missing, or `undefined` where nothing is to be made. */
function parentOf(what: string, values: Table, path: readonly string[], make: boolean): Table | unknown[] | undefined {
  let at: Table | unknown[] = values
  for (const [i, key] of path.slice(0, -1).entries()) {
    if (Array.isArray(at) && listIndex(key, at.length, make) === undefined) {
      if (make) throw wrongParent(what, path.slice(0, i), key, true)
      return undefined
    }
    const table = at as Table
    const next = table[key]
    if (next === undefined) {
      if (!make) return undefined
      const made = Object.create(null) as Table
      table[key] = made
      at = made
    } else if (isTable(next) || Array.isArray(next)) at = next as Table | unknown[]
    else if (make) throw wrongParent(what, path.slice(0, i + 1), path[i + 1] as string, false)
    else return undefined
  }
  return at
}

/** The parser's tables have no prototype. */
const plain = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(plain)
    : isTable(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
      : value
