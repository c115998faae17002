import { stripVTControlCharacters } from 'node:util'
import fastStringWidth from 'fast-string-width'
import { showUnknown } from '../model/unknown.ts'

/** How much of one line is looked at; nobody reads more, and a host may send megabytes without a newline. */
const lineLimit = 4096
const tabStop = 8

const plain = /^[\x20-\x7e]*$/
/** Strings that the terminal itself reads (titles, clipboard, sixel): OSC, DCS, SOS, PM, APC, up to their end. */
const controlStrings = /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)/g
/** Controls, line separators, and marks that reorder or hide what follows ("Trojan Source"). */
const unsafe = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu
const surrogate = /\p{Surrogate}/gu

const escaped = (char: string) => {
  const code = char.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/**
 * One line that no terminal obeys: escape sequences are removed, other controls and bidirectional marks are shown as
 * escapes, tabs are expanded, broken Unicode is replaced, and what a carriage return overwrote is dropped.
 */
export function safeLine(text: string): string {
  if (text.length <= lineLimit && plain.test(text)) return text
  const cut = text.length > lineLimit ? `${text.slice(0, lineLimit)}…` : text
  const stripped = stripVTControlCharacters(showUnknown(cut).replaceAll(controlStrings, ''))
  const shown = stripped.replace(/[\r\n]+$/, '').replace(/^.*\r(?!\n)/s, '')
  const clean = shown.replaceAll('\n', '\t').replaceAll(surrogate, '\ufffd')
  return expandTabs(clean).replaceAll(unsafe, escaped)
}

function expandTabs(text: string): string {
  if (!text.includes('\t')) return text
  let line = ''
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) line += ' '.repeat(tabStop - (width(line) % tabStop))
    line += part
  }
  return line
}

/** Several lines, each made safe; see {@link safeLine}. */
export const safeLines = (text: string): string[] =>
  text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(safeLine)

/** How many columns a text takes in a terminal: wide characters two, combining ones none. */
export const width = (text: string): number => (plain.test(text) ? text.length : fastStringWidth(text))

let segmenter: Intl.Segmenter | undefined
/** Made when first needed, since reading its tables takes a start of the program some 40 ms. */
const graphemes = () => (segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' }))

/** At most `columns` wide; an ellipsis stands for what was cut off. For text without colours. */
export function fit(text: string, columns: number): string {
  if (columns <= 0) return ''
  if (width(text) <= columns) return text
  let taken = ''
  let used = 0
  for (const { segment } of graphemes().segment(text)) {
    const next = used + width(segment)
    if (next > columns - 1) break
    taken += segment
    used = next
  }
  return `${taken.trimEnd()}…`
}

/** Filled with spaces on the right up to `columns`. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)))
