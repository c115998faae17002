import type { Node } from 'jsonc-parser'

/** A file that holds nothing but a value. */
export const begun = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`

/** Puts a value where another is. */
export function replaced(text: string, node: Node, value: unknown): string {
  const onLines = node.parent === undefined || !isInline(text, containerOf(node) ?? node)
  return splice(
    text,
    node.offset,
    node.offset + node.length,
    render(text, value, onLines ? lineIndent(text, node.offset) : undefined),
  )
}

/** Adds a key to an object, or an item to a list, laid out as what is in it already. */
export function added(text: string, parent: Node, key: string, value: unknown): string {
  const head = parent.type === 'object' ? `${JSON.stringify(key)}: ` : ''
  const last = parent.children?.at(-1)
  if (last === undefined) {
    const whole = parent.type === 'object' ? { [key]: value } : [value]
    const container = containerOf(parent)
    const indent = container !== undefined && isInline(text, container) ? undefined : lineIndent(text, parent.offset)
    return splice(text, parent.offset, parent.offset + parent.length, render(text, whole, indent))
  }
  const end = last.offset + last.length
  if (isInline(text, parent)) return splice(text, end, end, `, ${head}${render(text, value, undefined)}`)
  const indent = lineIndent(text, last.offset)
  return splice(text, end, end, `,${eolOf(text)}${indent}${head}${render(text, value, indent)}`)
}

/** Takes a property out of its object, with the comma that parted it from another. */
export function removed(text: string, value: Node): string {
  const property = value.parent as Node
  const object = property.parent as Node
  const siblings = object.children ?? []
  const index = siblings.indexOf(property)
  const before = siblings[index - 1]
  const after = siblings[index + 1]
  const end = property.offset + property.length
  if (before !== undefined) return splice(text, before.offset + before.length, end, '')
  if (after !== undefined) return splice(text, property.offset, after.offset, '')
  const inner = [object.offset + 1, object.offset + object.length - 1] as const
  const rest = text.slice(inner[0], property.offset) + text.slice(end, inner[1])
  // Where nothing is left, not even a comment, no line is left either.
  return /^[\s,]*$/.test(rest)
    ? splice(text, ...inner, '')
    : splice(text, property.offset, inner[1], text.slice(end, inner[1]).replace(/^\s*,/, ''))
}

const splice = (text: string, start: number, end: number, by: string) => text.slice(0, start) + by + text.slice(end)

/** The object or list that a value is in. */
const containerOf = ({ parent }: Node): Node | undefined => (parent?.type === 'property' ? parent.parent : parent)

/** Whether what is in it stands on the line that it begins on. */
const isInline = (text: string, { offset, children }: Node): boolean =>
  children?.[0] !== undefined && !text.slice(offset, children[0].offset).includes('\n')

/** A value on lines of its own below one of that indentation, or on one line. */
function render(text: string, value: unknown, indent: string | undefined): string {
  if (indent === undefined) return JSON.stringify(value)
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  return JSON.stringify(value, undefined, unit).replaceAll('\n', `${eolOf(text)}${indent}`)
}

const lineIndent = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? ''

const eolOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n')
