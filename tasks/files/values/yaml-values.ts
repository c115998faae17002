import { isDeepStrictEqual } from 'node:util'
import { isCollection, isMap, isSeq } from 'yaml'
import { TsplayError } from '../../../runner/model/errors.ts'
import type { Resource } from '../../../runner/model/resource.ts'
import { textPosition } from '../../../runner/model/text-position.ts'
import { yamlDocuments, type YamlText } from '../../../runner/model/yaml-documents.ts'
import { itemRemoved, type JsonValues } from './json-values.ts'
import { isTable, shownPath, type ValueEdit } from './value-edit.ts'
import { valuesFile, type ValuesOptions } from './values-file.ts'
import { placeOf } from './yaml-place.ts'
import { added, layoutOf, removed, replaced } from './yaml-text.ts'

export type YamlValuesOptions = ValuesOptions<JsonValues>

const definition = valuesFile<JsonValues>('yamlValues', editYaml)

/**
 * Values in a YAML file of one document. Lines that hold nothing of what is asked for are kept to the byte, comments, quotes
 * and blanks too. Text that some programs take for a truth value or a number (`yes`, `1:30`) is written in quotes.
 * @example
 * await host.ensure(yamlValues({
 *   path: '/etc/netplan/50-cloud-init.yaml', set: { network: { ethernets: { eth0: { dhcp4: false } } } }, mode: '0600',
 * }))
 */
export function yamlValues(options: YamlValuesOptions): Resource<{ readonly path: string }> {
  return definition(options)
}

/** The text with the edits made. What came of each is read again, and has to be what was asked. */
export function editYaml(what: string, text: string, edits: readonly ValueEdit[]): string {
  return edits.reduce((edited, edit) => {
    const before = parsed(what, edited)
    const after = withEdit(what, edited, before, edit)
    if (after !== edited) verify(what, before, after, edit)
    return after
  }, text)
}

function withEdit(what: string, text: string, document: YamlText, edit: ValueEdit): string {
  const place = placeOf(what, document.contents, edit.path, 'value' in edit)
  if (place === undefined) return text
  const { slot, missing } = place
  const layout = layoutOf(text, document.contents)
  if ('value' in edit) {
    const [key, ...below] = missing
    const value = below.reduceRight<unknown>((inner, each) => ({ [each]: inner }), edit.value)
    if (key === undefined) {
      return isDeepStrictEqual(plain(slot.node?.toJS(document)), edit.value)
        ? text
        : replaced(text, slot, value, layout)
    }
    const empty = !isCollection(slot.node) || (slot.node.items.length === 0 && !slot.node.flow)
    if (empty) return replaced(text, slot, { [key]: value }, layout)
    return added(text, slot.node as Parameters<typeof added>[1], key, value, layout)
  }
  if (missing.length > 0) return text
  if (isSeq(slot.parent)) throw itemRemoved(what, edit.path)
  const left = removed(text, slot)
  if (left !== undefined) return left
  const parent = placeOf(what, document.contents, edit.path.slice(0, -1), false)?.slot
  if (parent === undefined) return text
  return parent.parent === undefined && edit.path.length === 1 && isMap(parent.node) && !parent.node.flow
    ? replaced(text, parent, {}, layout).replace(/^\{\}\r?\n?/m, '')
    : replaced(text, parent, isMap(parent.node) ? {} : [], layout)
}

function parsed(what: string, text: string): YamlText {
  const documents = yamlDocuments(text)
  const [document] = documents
  if (documents.length > 1) {
    throw new TsplayError('OPTIONS', `${what}: the file holds ${documents.length} documents, and not one`)
  }
  const [error] = document.errors
  if (error === undefined) return document
  const place = textPosition(text, error.pos[0])
  throw new TsplayError('OPTIONS', `${what}: the file is no YAML: ${error.message} at ${place}`, { cause: error })
}

/** Throws where a value came out otherwise, or another with it: behind an alias, or in a layout that is not understood. */
function verify(what: string, before: YamlText, text: string, edit: ValueEdit): void {
  const wanted = withValue(plain(before.toJS() as unknown), edit.path, edit)
  let made: unknown
  try {
    made = plain(parsed(what, text).toJS() as unknown)
  } catch (cause) {
    throw unsafe(what, edit, cause)
  }
  if (!isDeepStrictEqual(made ?? {}, wanted ?? {})) throw unsafe(what, edit)
}

const unsafe = (what: string, { path }: ValueEdit, cause?: unknown) =>
  new TsplayError('OPTIONS', `${what}: ${shownPath(path)} can not be changed alone in this file`, {
    hint: 'it is behind an alias, or laid out in a way that is not understood: use line or block here',
    ...(cause === undefined ? {} : { cause }),
  })

function withValue(at: unknown, [key = '', ...rest]: readonly string[], edit: ValueEdit): unknown {
  const value = (inner: unknown) => (rest.length > 0 ? withValue(inner, rest, edit) : edit.value)
  const gone = rest.length === 0 && !('value' in edit)
  if (Array.isArray(at)) {
    return gone
      ? at.toSpliced(Number(key), 1)
      : [...at.slice(0, Number(key)), value(at[Number(key)]), ...at.slice(Number(key) + 1)]
  }
  const entries = new Map(Object.entries((at ?? {}) as Record<string, unknown>))
  if (gone) entries.delete(key)
  else entries.set(key, value(entries.get(key)))
  return Object.fromEntries(entries)
}

/** Without what two places share by an alias. */
const plain = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(plain)
    : isTable(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
      : value
