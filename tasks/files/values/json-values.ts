import { isDeepStrictEqual } from 'node:util'
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { TsplayError } from '../../../runner/model/errors.ts'
import type { Resource } from '../../../runner/model/resource.ts'
import type { Secret } from '../../../runner/model/secret.ts'
import { textPosition } from '../../../runner/model/text-position.ts'
import { added, begun, removed, replaced } from './json-text.ts'
import { shownPath, type ValueEdit } from './value-edit.ts'
import { valuesFile, type ValuesOptions } from './values-file.ts'

/** What a JSON or YAML file can hold. An object whose keys are numbers stands for items of a list that is there. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | Secret<string>
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

export type JsonValues = { readonly [key: string]: JsonValue }

export type JsonValuesOptions = ValuesOptions<JsonValues>

const definition = valuesFile<JsonValues>('jsonValues', editJson)

/**
 * Values in a JSON file (comments and final commas, which some programs allow, are kept). Only what differs is written
 * anew; indentation is that of the file.
 * @example
 * await host.ensure(jsonValues({
 *   path: '/etc/docker/daemon.json', create: true, set: { 'log-opts': { 'max-size': '10m' }, 'live-restore': true },
 * }), { onChange: restart('docker') })
 */
export function jsonValues(options: JsonValuesOptions): Resource<{ readonly path: string }> {
  return definition(options)
}

/** The text with the edits made. Throws `TsplayError('OPTIONS')` where it is no JSON. */
export function editJson(what: string, text: string, edits: readonly ValueEdit[]): string {
  try {
    return edits.reduce((edited, edit) => withEdit(what, edited, edit), text)
  } catch (cause) {
    // The library reads by recursion, without a limit of its own.
    if (!(cause instanceof RangeError)) throw cause
    throw new TsplayError('OPTIONS', `${what}: objects and lists of the file are nested too deeply`, { cause })
  }
}

function withEdit(what: string, text: string, { path, ...edit }: ValueEdit): string {
  const place = placeOf(what, treeOf(what, text), path, 'value' in edit)
  if (place === undefined) return text
  const { node, missing } = place
  if (!('value' in edit)) return missing.length > 0 || node === undefined ? text : removed(text, node)
  const [key, ...below] = missing
  const value = below.reduceRight<unknown>((inner, each) => ({ [each]: inner }), edit.value)
  if (key !== undefined) return node === undefined ? begun({ [key]: value }) : added(text, node, key, value)
  return node === undefined || isDeepStrictEqual(valueOf(node), value) ? text : replaced(text, node, value)
}

/** Parsed strictly but for comments and final commas: what a program could not read either is no place for an edit. */
function treeOf(what: string, text: string): Node | undefined {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true })
  const [first] = errors
  if (first === undefined) return root
  const place = textPosition(text, first.offset)
  throw new TsplayError('OPTIONS', `${what}: the file is no JSON: ${printParseErrorCode(first.error)} at ${place}`)
}

interface JsonPlace {
  /** The last that is there of what the path leads to; `undefined` in an empty file. */
  readonly node: Node | undefined
  readonly missing: readonly string[]
}

/** Follows a path as far as it goes; `undefined` where nothing is to be made and something else is in the way. */
function placeOf(what: string, root: Node | undefined, path: readonly string[], make: boolean): JsonPlace | undefined {
  let node = root
  for (const [i, key] of path.entries()) {
    const missing = path.slice(i)
    if (node === undefined) return { node, missing }
    const list = node.type === 'array'
    if (list && !make && i === path.length - 1) throw itemRemoved(what, path)
    if (list ? listIndex(key, node.children?.length ?? 0, make) === undefined : node.type !== 'object') {
      if (make) throw wrongParent(what, path.slice(0, i), key, list)
      return undefined
    }
    const child: Node | undefined = list
      ? node.children?.[Number(key)]
      : node.children?.findLast(({ children }) => children?.[0]?.value === key)?.children?.[1]
    if (child === undefined) return { node, missing }
    node = child
  }
  return { node, missing: [] }
}

/** An item of a list, or the place right after its last where one may be made. */
export function listIndex(key: string, length: number, make: boolean): number | undefined {
  const index = /^\d+$/.test(key) ? Number(key) : -1
  return index >= 0 && index < length + (make ? 1 : 0) ? index : undefined
}

/** The error for an item that is to go: which one it is changes with each that goes. */
export const itemRemoved = (what: string, path: readonly string[]): TsplayError =>
  new TsplayError(
    'OPTIONS',
    `${what}: ${shownPath(path.slice(0, -1))} is a list in the file, and the next run would remove another item of it`,
    { hint: 'set the list to what it is to hold' },
  )

/** The error for a value that has no place for what is to go into it. */
export function wrongParent(what: string, path: readonly string[], key: string, list: boolean): TsplayError {
  const where = path.length === 0 ? 'the file as a whole' : shownPath(path)
  return list
    ? new TsplayError('OPTIONS', `${what}: ${where} is a list in the file, and has no place for ${shownPath([key])}`, {
        hint: 'give the whole list, or an object whose keys are the numbers of its items, from 0 to its length',
      })
    : new TsplayError(
        'OPTIONS',
        `${what}: ${where} is a single value in the file, and ${shownPath([key])} can't be in it`,
      )
}

const valueOf = (node: Node): unknown => getNodeValue(node) as unknown
