import { joinLines, splitLines, type TextLine, usualEnd } from '../text-lines.ts'

/** What is to hold for a key, or for a whole section. */
export interface IniEdit {
  /** `''` for what stands before the first section. */
  readonly section: string
  /** `undefined` for the section as a whole. */
  readonly key: string | undefined
  /** One for each line that the key is to have, `undefined` for a line without a value. None: it is to go. */
  readonly values: readonly (string | undefined)[]
}

/** A key's lines: `length` of them, from `at`. */
interface Entry {
  readonly at: number
  readonly length: number
  readonly key: string
  readonly value: string | undefined
  /** What stands before the value: blanks, the key, the sign. */
  readonly head: string
}

/** A section's lines, its header left out. */
interface Span {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** The text with the edits made; lines that need none are kept to the byte. */
export const editIni = (text: string, edits: readonly IniEdit[]): string => edits.reduce(withEdit, text)

function withEdit(text: string, { section, key, values }: IniEdit): string {
  const lines = splitLines(text)
  const spans = spansOf(lines).filter(({ name }) => name === section)
  if (key === undefined) return withoutSection(text, lines, spans)
  const entries = spans.flatMap((span) => entriesOf(lines, span)).filter((entry) => entry.key === key)
  if (entries.length === values.length && entries.every(({ value }, i) => value === values[i])) return text
  const end = usualEnd(lines)
  const edited: (TextLine | undefined)[] = [...lines]
  const added: { readonly at: number; readonly line: TextLine }[] = []
  const last = spans.at(-1)
  for (const [i, value] of values.entries()) {
    const entry = entries[i]
    if (entry !== undefined) {
      if (entry.value !== value) replace(edited, entry, { text: lineOf(entry.head, key, value), end })
      continue
    }
    const line = { text: lineOf(headFor(lines, last, key), key, value), end }
    added.push({ at: placeFor(lines, last, key, entries.at(-1)), line })
  }
  for (const entry of entries.slice(values.length)) replace(edited, entry)
  if (last === undefined && values.length > 0)
    return withSection(
      lines,
      section,
      added.map(({ line }) => line),
    )
  for (const { at, line } of added.toReversed()) edited.splice(at, 0, line)
  return joinLines(edited.filter((line) => line !== undefined))
}

function replace(lines: (TextLine | undefined)[], { at, length }: Entry, by?: TextLine): void {
  const ended = lines[at + length - 1]?.end
  for (let i = at; i < at + length; i++) lines[i] = undefined
  if (by !== undefined) lines[at] = { ...by, end: ended ?? by.end }
}

const header = /^\s*\[([^\]]*)\]/
const comment = /^\s*[#;]/
const entryLine = /^(\s*)([^\s=:#;[][^=:]*?)(\s*)([=:])(\s*)(.*?)\s*$/
const bareKey = /^(\s*)([^\s=:#;[][^=:]*?)\s*$/

function spansOf(lines: readonly TextLine[]): Span[] {
  const heads = lines.flatMap(({ text }, at) => {
    const name = header.exec(text)?.[1]
    return name === undefined ? [] : [{ name: name.trim(), at }]
  })
  const whole = [{ name: '', at: -1 }, ...heads]
  return whole.map(({ name, at }, i) => ({ name, start: at + 1, end: whole[i + 1]?.at ?? lines.length }))
}

function entriesOf(lines: readonly TextLine[], { start, end }: Span): Entry[] {
  const entries: Entry[] = []
  for (let at = start; at < end; at++) {
    const { text } = lines[at] as TextLine
    const [, indent = '', key, gap = '', sign = '', space = '', value] = entryLine.exec(text) ?? []
    const [, bareIndent = '', bare] = key === undefined ? (bareKey.exec(text) ?? []) : []
    if (key === undefined && bare === undefined) continue
    const length = 1 + continuation(lines, at, end, (key === undefined ? bareIndent : indent).length)
    const rest = lines.slice(at + 1, at + length).map((line) => line.text.trim())
    entries.push({
      at,
      length,
      key: key ?? bare ?? '',
      value: key === undefined ? undefined : [value, ...rest].join('\n'),
      head: key === undefined ? '' : `${indent}${key}${gap}${sign}${space}`,
    })
    at += length - 1
  }
  return entries
}

/** How many lines after a key's first belong to it: after a backslash, or indented deeper and no key of their own. */
function continuation(lines: readonly TextLine[], at: number, end: number, indent: number): number {
  let count = 0
  while (at + count + 1 < end) {
    const next = lines[at + count + 1]?.text ?? ''
    const deeper = /^\s*/.exec(next)?.[0].length ?? 0
    const goesOn = lines[at + count]?.text.endsWith('\\') && !comment.test(lines[at]?.text ?? '')
    const belongs = deeper > indent && next.trim() !== '' && !comment.test(next) && !/[=:]/.test(next)
    // A key without a value has none on the next lines either.
    if (!goesOn && !(belongs && /[=:]/.test(lines[at]?.text ?? ''))) break
    count++
  }
  return count
}

/** A line of a key; `head` is empty where there is no line yet whose layout could be taken over. */
function lineOf(head: string, key: string, value: string | undefined): string {
  if (value === undefined) return `${/^\s*/.exec(head)?.[0] ?? ''}${key}`
  if (head === '') return `${key} = ${value}`
  if (value === '') return head.trimEnd()
  // A line that ended after its sign says nothing of a blank there; the blank before it does.
  return `${head}${/\s[=:]$/.test(head) ? ' ' : ''}${value}`
}

/** The layout of a new line: that of the last key of its section, else of the file. */
function headFor(lines: readonly TextLine[], span: Span | undefined, key: string): string {
  const inSection = span === undefined ? [] : entriesOf(lines, span)
  const everywhere = spansOf(lines).flatMap((each) => entriesOf(lines, each))
  const like =
    inSection.findLast(({ head, value }) => head !== '' && value !== '') ??
    everywhere.findLast(({ head, value }) => head !== '' && value !== '')
  if (like === undefined) return `${key} = `
  const indent = inSection.length === 0 ? '' : /^\s*/.exec(like.head)?.[0]
  return `${indent}${key}${like.head.trimStart().slice(like.key.length)}`
}

/** Where a new line goes: below the key's last, below one that has it commented out, or below the section's last. */
function placeFor(lines: readonly TextLine[], span: Span | undefined, key: string, last: Entry | undefined): number {
  if (last !== undefined) return last.at + last.length
  if (span === undefined) return lines.length
  const inside = lines.slice(span.start, span.end).map(({ text }) => text)
  const inactive = inside.findLastIndex(
    (text) => entryLine.exec(text.replace(/^\s*[#;]+\s*/, ''))?.[2] === key && comment.test(text),
  )
  if (inactive >= 0) return span.start + inactive + 1
  return span.start + inside.findLastIndex((text) => text.trim() !== '') + 1
}

function withSection(lines: readonly TextLine[], section: string, added: readonly TextLine[]): string {
  const end = usualEnd(lines)
  const gap = lines.length > 0 && lines.at(-1)?.text.trim() !== '' ? [{ text: '', end }] : []
  return joinLines([...lines, ...gap, { text: `[${section}]`, end }, ...added])
}

function withoutSection(text: string, lines: readonly TextLine[], spans: readonly Span[]): string {
  if (spans.length === 0) return text
  const gone = new Set(spans.flatMap(({ name, start, end }) => range(name === '' ? start : start - 1, end)))
  const left = lines.filter((_, i) => !gone.has(i))
  // The blank line that parted it from the one before it goes along, where nothing follows it any more.
  const trailing = left.length > 0 && spans.at(-1)?.end === lines.length && left.at(-1)?.text.trim() === ''
  return joinLines(trailing ? left.slice(0, -1) : left)
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
