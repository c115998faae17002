import {
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { renderBlock, renderFlow, type YamlLayout } from './yaml-render.ts'
import type { Slot } from './yaml-place.ts'

/** Puts a value where another is: on its line where it can be, in lines below its key otherwise. */
export function replaced(text: string, { parent, index, node }: Slot, value: unknown, layout: YamlLayout): string {
  if (parent === undefined) {
    const start = node?.range?.[0] ?? text.length
    const gap = node === undefined && text !== '' && !text.endsWith('\n') ? layout.eol : ''
    return splice(
      text,
      start,
      node === undefined ? start : endOf(text, node),
      gap + renderBlock(value, 0, layout) + (node === undefined ? layout.eol : ''),
    )
  }
  if (isFlow(parent)) {
    const [start, end] = extentOf(text, parent, index)
    const key = isMap(parent) ? `${text.slice(start, keyEnd(text, parent, index))}: ` : ''
    return splice(text, start, end, key + renderFlow(value))
  }
  const from = isMap(parent) ? afterColon(text, parent, index) : (node?.range?.[0] ?? 0)
  const plain = node !== undefined && isScalar(node) && node.tag === undefined && node.anchor === undefined
  const end = node === undefined ? from : endOf(text, node)
  // What is one text or number stays where it stands, with the blanks before it.
  if (
    isMap(parent) &&
    plain &&
    node.range !== undefined &&
    node.range !== null &&
    node.range[1] > node.range[0] &&
    !needsLines(value)
  ) {
    return splice(text, node.range[0], end, renderBlock(value, columnOf(text, keyStart(parent, index)), layout))
  }
  if (!isMap(parent)) return splice(text, from, end, renderBlock(value, columnOf(text, from), layout))
  return splice(text, from, end, belowKey(value, columnOf(text, keyStart(parent, index)), layout))
}

/** Adds a pair to a mapping, or an item to a list. */
export function added(
  text: string,
  parent: YAMLMap | YAMLSeq,
  key: string,
  value: unknown,
  layout: YamlLayout,
): string {
  const entry = isMap(parent) ? { [key]: value } : [value]
  const last = parent.items.length - 1
  if (isFlow(parent)) {
    const inner = renderFlow(entry).replace(/^[[{]\s*|\s*[\]}]$/g, '')
    if (last < 0) return splice(text, parent.range?.[0] ?? 0, parent.range?.[1] ?? 0, renderFlow(entry))
    const [, end] = extentOf(text, parent, last)
    return splice(text, end, end, `, ${inner}`)
  }
  const [start, contentEnd] = extentOf(text, parent, last)
  const end = lineEnd(text, contentEnd)
  const first = isMap(parent) ? keyStart(parent, 0) : extentOf(text, parent, 0)[0]
  const column = columnOf(text, Math.min(first, start))
  const gap = text.slice(0, end).endsWith('\n') ? '' : layout.eol
  const rendered = renderBlock(entry, column, layout)
  return splice(text, end, end, `${gap}${' '.repeat(column)}${rendered}${layout.eol}`)
}

/** Takes a pair or an item out, with its lines. `undefined` for the last one, whose parent is then to be empty. */
export function removed(text: string, { parent, index }: Slot): string | undefined {
  if (parent === undefined || parent.items.length === 1) return undefined
  const [start, end] = extentOf(text, parent, index)
  if (isFlow(parent)) {
    if (index > 0) return splice(text, extentOf(text, parent, index - 1)[1], end, '')
    return splice(text, start, extentOf(text, parent, 1)[0], '')
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  if (text.slice(lineStart, start).trim() === '') return splice(text, lineStart, lineEnd(text, end), '')
  // It shares its line with the dash of the list that the mapping is in.
  return splice(text, start, extentOf(text, parent, 1)[0], '')
}

const splice = (text: string, start: number, end: number, by: string) => text.slice(0, start) + by + text.slice(end)

const isFlow = (node: YAMLMap | YAMLSeq) => node.flow === true

const isFilled = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0

const needsLines = (value: unknown) => isFilled(value)

/** ` value`, or the lines of a collection. */
function belowKey(value: unknown, column: number, layout: YamlLayout): string {
  if (!needsLines(value)) return ` ${renderBlock(value, column, layout)}`
  const inner = column + (Array.isArray(value) && !layout.indentLists ? 0 : layout.indent)
  return `${layout.eol}${' '.repeat(inner)}${renderBlock(value, inner, layout)}`
}

const pairOf = (parent: YAMLMap, index: number) => parent.items[index] as Pair<Scalar, Node | null>

const keyStart = (parent: YAMLMap, index: number): number => pairOf(parent, index).key.range?.[0] ?? 0

const keyEnd = (text: string, parent: YAMLMap, index: number): number => {
  const end = pairOf(parent, index).key.range?.[1] ?? 0
  return end - (/\s*$/.exec(text.slice(keyStart(parent, index), end))?.[0].length ?? 0)
}

function afterColon(text: string, parent: YAMLMap, index: number): number {
  const end = keyEnd(text, parent, index)
  return end + (/^\s*:/.exec(text.slice(end))?.[0].length ?? 0)
}

/** Where a pair or an item begins and ends, without comments and line ends. An item of a list begins at its dash. */
function extentOf(text: string, parent: YAMLMap | YAMLSeq, index: number): [number, number] {
  if (isMap(parent)) {
    const { value } = pairOf(parent, index)
    const end = value === null || value === undefined ? afterColon(text, parent, index) : endOf(text, value)
    return [keyStart(parent, index), Math.max(end, keyEnd(text, parent, index))]
  }
  const node = parent.items[index] as Node
  const start = node.range?.[0] ?? 0
  const end = Math.max(endOf(text, node), start)
  return isFlow(parent) ? [start, end] : [text.lastIndexOf('-', dashBefore(text, start)), end]
}

/** What stands between an item's dash and its value may be an anchor, a tag or a line end. */
function dashBefore(text: string, start: number): number {
  const before = text.slice(0, start)
  return before.length - (/-(?:[ \t\r\n]+(?:[&!]\S*|#[^\n]*)?)*$/.exec(before)?.[0].length ?? 1)
}

/** The end of a value, without the blanks, comments and line ends that a collection's range holds. */
function endOf(text: string, node: Node): number {
  if (isCollection(node) && !node.flow && node.items.length > 0) {
    const last = node.items.length - 1
    return extentOf(text, node as YAMLMap | YAMLSeq, last)[1]
  }
  const [start = 0, end = 0] = node.range ?? []
  if (isScalar(node) && /^[|>]/.test(text.slice(start, end)))
    return end - (/\r?\n$/.exec(text.slice(start, end))?.[0].length ?? 0)
  return end
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

const columnOf = (text: string, at: number): number => at - (text.lastIndexOf('\n', at - 1) + 1)

/** How a document is laid out, going by its first collection in another. */
export function layoutOf(text: string, root: Node | null | undefined): YamlLayout {
  const found: { indent?: number; indentLists?: boolean } = {}
  const look = (node: unknown, column: number): void => {
    if (!isCollection(node) || node.flow) return
    for (const [i, item] of node.items.entries()) {
      const child = isMap(node) ? (item as Pair).value : item
      if (!isCollection(child) || child.flow || child.items.length === 0) continue
      const inner = columnOf(text, extentOf(text, child as YAMLMap | YAMLSeq, 0)[0])
      if (isMap(node) && isSeq(child)) found.indentLists ??= inner > column
      if (isMap(node) && inner > column) found.indent ??= inner - column
      look(child, inner)
      if (i > 500) return
    }
  }
  look(root, 0)
  return {
    indent: found.indent ?? 2,
    indentLists: found.indentLists ?? true,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
}
