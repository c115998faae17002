/** A line of a text with its own line end, which is empty only for a last line that has none. */
export interface TextLine {
  readonly text: string
  readonly end: '\n' | '\r\n' | ''
}

/** Every byte of the text is in one of the lines. */
export function splitLines(text: string): TextLine[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((whole): TextLine => {
    if (whole.endsWith('\r\n')) return { text: whole.slice(0, -2), end: '\r\n' }
    return whole.endsWith('\n') ? { text: whole.slice(0, -1), end: '\n' } : { text: whole, end: '' }
  })
}

/** The text again. A line that had no end, and is no longer the last, gets the text's usual one. */
export function joinLines(lines: readonly TextLine[]): string {
  const usual = usualEnd(lines)
  return lines.map(({ text, end }, i) => text + (end === '' && i < lines.length - 1 ? usual : end)).join('')
}

/** What a new line in this text ends with: what most of its lines do. */
export function usualEnd(lines: readonly TextLine[]): '\n' | '\r\n' {
  const crlf = lines.filter(({ end }) => end === '\r\n').length
  return crlf * 2 > lines.filter(({ end }) => end !== '').length ? '\r\n' : '\n'
}

/** Where new lines go: `start`, `end`, or beside the last line that an expression matches; `end` when none does. */
export interface Anchor {
  readonly after?: RegExp | 'start' | undefined
  readonly before?: RegExp | undefined
}

/** The index at which new lines are put in. */
export function anchorIndex(lines: readonly TextLine[], { after, before }: Anchor): number {
  if (after === 'start') return 0
  const pattern = after ?? before
  const found = pattern === undefined ? -1 : lines.findLastIndex(({ text }) => matches(pattern, text))
  if (found < 0) return lines.length
  return after === undefined ? found : found + 1
}

/** Whether an expression matches, whatever its `g` and `y` flags remember. */
export const matches = (pattern: RegExp, text: string): boolean =>
  new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(text)
