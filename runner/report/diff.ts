import { structuredPatch } from 'diff'
import type { Change } from '../model/change.ts'
import type { Palette } from './palette.ts'
import { fit, safeLine } from './terminal-safe.ts'

/** How many lines of one change are shown, and how long a value may be. */
const limits = { lines: 60, value: 200, diffMs: 300 }

/** A value of any kind on one line. What can't be turned into text (a secret, a cycle) is only named. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return '(none)'
  if (typeof value === 'string') return value === '' ? "''" : fit(safeLine(value), limits.value)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  try {
    return fit(safeLine(JSON.stringify(value) ?? typeof value), limits.value)
  } catch {
    return '(content not shown)'
  }
}

/** One change on one line: `mode: 0644 → 0600`, `content: 3 lines → 5 lines`. */
export function changeSummary(change: Change): string {
  const field = safeLine(change.field)
  if (change.restricted) return `${field}: (content not shown)`
  if (change.text) return `${field}: ${lineCount(change.before)} → ${lineCount(change.after)}`
  return `${field}: ${showValue(change.before)} → ${showValue(change.after)}`
}

const lineCount = (value: unknown) => {
  if (typeof value !== 'string') return showValue(value)
  const lines = value === '' ? 0 : value.replace(/\n$/, '').split('\n').length
  return `${lines} line${lines === 1 ? '' : 's'}`
}

/** A change as lines without indentation: texts as a unified diff, other fields on one line. */
export function changeLines(change: Change, palette: Palette): string[] {
  if (change.restricted || !change.text) return [changeSummary(change)]
  const { before = '', after = '' } = change
  if (typeof before !== 'string' || typeof after !== 'string') return [changeSummary(change)]
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, timeout: limits.diffMs })
  // Two large texts with nothing in common: the difference would be both of them whole.
  if (patch === undefined) return [changeSummary(change)]
  const lines = patch.hunks.flatMap((hunk) => [
    palette.dim(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`),
    ...hunk.lines.map((line) => paint(line, palette)),
  ])
  const hidden = lines.length - limits.lines
  const shown = hidden > 0 ? [...lines.slice(0, limits.lines), palette.dim(`(${hidden} more lines)`)] : lines
  return [`${safeLine(change.field)}:`, ...shown]
}

/** As in POSIX diff: an empty range names the line before it. */
const range = (start: number, lines: number) => `${lines === 0 ? start - 1 : start},${lines}`

function paint(line: string, palette: Palette): string {
  const text = line.slice(0, 1) + fit(safeLine(line.slice(1)), limits.value)
  if (text.startsWith('+')) return palette.ok(text)
  if (text.startsWith('-')) return palette.failed(text)
  return text
}
