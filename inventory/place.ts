import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { TsplayError } from '../runner/model/errors.ts'
import type { Inventory, InventoryHost, Origin } from './inventory.ts'
import { sourcesOf } from './known-sources.ts'
import { printable } from './printable.ts'
import { sourceFormat } from './source-format.ts'
import { excerpt, showOrigin } from './source-text.ts'
import type { SourceText } from './source-text.ts'
import { offsetOf, YamlDocument } from './yaml-document.ts'
import { valuesByKey } from './yaml-values.ts'

/** A place in an inventory file, for an error. */
export interface Place {
  readonly origin: Origin
  /** The source line with a caret; absent where there is no text, as for modules and the command line. */
  readonly excerpt: string | undefined
  /** How the scalar there is written, without quotes; `undefined` where there is none or where it is quoted. */
  readonly plain: string | undefined
  /** Whether the value, or what it is in, is tagged `!unsafe`: braces in it are meant as they are. */
  readonly unsafe: boolean
}

const indexes = new WeakMap<SourceText, Indexed>()

/**
 * The place of a value, from the origin of its variable and the path inside it. The file is parsed a second time for
 * it: positions of every nested value of ten thousand hosts would cost each run more than this costs a failing one.
 */
export function placeOf(of: Inventory | InventoryHost, origin: Origin, path: readonly PropertyKey[] = []): Place {
  const source = sourcesOf(of)?.texts.get(origin.file)
  if (!source || origin.line === undefined || origin.column === undefined)
    return { origin, excerpt: undefined, plain: undefined, unsafe: false }
  const at = { file: origin.file, line: origin.line, column: origin.column }
  // Only YAML has values with a place of their own.
  if (sourceFormat(source) !== 'yaml')
    return { origin: at, excerpt: excerpt(source, at), plain: undefined, unsafe: false }
  const value = find(source, source.offset(at.line, at.column))
  const nodes = value ? descend(value.document, value.node, path) : []
  const node = nodes.at(-1)
  const better = node?.range ? source.origin(offsetOf(node)) : at
  const plain = isScalar(node) && node.type === 'PLAIN' ? node.source : undefined
  const unsafe = nodes.some((one) => one?.tag === '!unsafe')
  return { origin: better, excerpt: excerpt(source, better), plain, unsafe }
}

/** The place of a key itself: of a host or a group. */
export function placeOfName(of: Inventory | InventoryHost, origin: Origin): Place {
  const source = sourcesOf(of)?.texts.get(origin.file)
  const { line, column } = origin
  const shown =
    source && line !== undefined && column !== undefined
      ? excerpt(source, { file: origin.file, line, column })
      : undefined
  return { origin, excerpt: shown, plain: undefined, unsafe: false }
}

/** An `INVENTORY` error about a place. */
export function errorAt(place: Place, message: string, hint?: string): TsplayError {
  const text = `${showOrigin(place.origin)}: ${printable(message)}${place.excerpt === undefined ? '' : `\n${place.excerpt}`}`
  return new TsplayError('INVENTORY', text, hint === undefined ? {} : { hint })
}

interface Indexed {
  readonly document: YamlDocument
  /** Values by the offset of their key. */
  readonly values: ReadonlyMap<number, Node | null>
}

function find(source: SourceText, keyOffset: number): { document: YamlDocument; node: Node | null } | undefined {
  const known = indexes.get(source) ?? index(new YamlDocument(source))
  indexes.set(source, known)
  const node = known.values.get(keyOffset)
  return node === undefined ? undefined : { document: known.document, node: known.document.resolve(node) }
}

const index = (document: YamlDocument): Indexed => ({ document, values: valuesByKey(document) })

/** The nodes on the way, as deep as the path goes. */
function descend(document: YamlDocument, from: Node | null, path: readonly PropertyKey[]): (Node | null)[] {
  const nodes = [from]
  for (const key of path) {
    const node = nodes.at(-1)
    const next = isMap(node)
      ? document.entries(node, 0, true).find((entry) => entry.key === String(key))?.node
      : isSeq(node)
        ? document.resolve(node.items[Number(key)])
        : undefined
    if (!next?.range) return nodes
    nodes.push(next)
  }
  return nodes
}
