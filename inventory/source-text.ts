import { TsplayError } from '../runner/model/errors.ts'
import type { Origin } from './inventory.ts'
import { printable } from './printable.ts'
import { withoutSecrets } from './untold.ts'

/** A text file as it was read: positions in it become lines and columns, and errors show the line itself. */
export class SourceText {
  /** As the user wrote it on the command line. */
  readonly file: string
  readonly text: string
  /** Whether it was encrypted: its lines are never shown, and its values are secrets. */
  readonly isSecret: boolean
  #starts: number[] | undefined
  #last = 0

  constructor(file: string, text: string, { isSecret = false } = {}) {
    this.file = file
    this.text = text
    this.isSecret = isSecret
  }

  /** The line and column (both from 1, in UTF-16 units as editors count) of an offset. */
  origin(offset: number): Required<Origin> {
    const starts = this.#lines()
    const low = this.#lineAt(offset, starts)
    this.#last = low
    return { file: this.file, line: low + 1, column: offset - starts[low]! + 1 }
  }

  /** Most are asked for in the order of the text: the line of the last one, or one of the next three, is tried first. */
  #lineAt(offset: number, starts: readonly number[]): number {
    let [low, high] = [0, starts.length - 1]
    if (offset >= starts[this.#last]!) {
      for (low = this.#last; low < this.#last + 4; low++) if (low === high || offset < starts[low + 1]!) return low
    }
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** The offset of a line and column, as {@link origin} gave them. */
  offset(line: number, column: number): number {
    return (this.#lines()[line - 1] ?? this.text.length) + column - 1
  }

  /** One line without its end; lines count from 1. */
  line(number: number): string {
    const start = this.#lines()[number - 1]
    if (start === undefined) return ''
    const end = this.text.indexOf('\n', start)
    return this.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
  }

  /** An `INVENTORY` error that shows the line of the offset, with a caret below it. */
  error(offset: number, message: string, hint?: string): TsplayError {
    const origin = this.origin(Math.max(0, Math.min(offset, this.text.length)))
    const text = `${showOrigin(origin)}: ${printable(message)}\n${excerpt(this, origin)}`
    return new TsplayError('INVENTORY', text, hint === undefined ? {} : { hint })
  }

  #lines(): number[] {
    if (this.#starts) return this.#starts
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    return (this.#starts = starts)
  }
}

/** `hosts.yaml:3:5`, or as much of it as is known. */
export const showOrigin = ({ file, line, column }: Origin): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')

/** Longest part of a source line that is shown. */
const width = 110

/**
 * The source line with its number, and a caret below the column. Control characters, which could steer a terminal, are
 * shown as `·`; what follows the name of a password or token is left out.
 */
export function excerpt(source: SourceText, { line, column }: Required<Origin>): string {
  const raw = source.line(line)
  const whole = source.isSecret ? '(encrypted: not shown)' : printable(withoutSecrets(raw))
  const from = source.isSecret || column <= width - 20 ? 0 : column - Math.floor(width / 2)
  const dots = from > 0 ? '…' : ''
  const shown = `${dots}${whole.slice(from, from + width)}${whole.length > from + width ? '…' : ''}`
  const before = (dots + raw.slice(from, column - 1)).replaceAll(/[^\t]/g, ' ')
  const gutter = String(line)
  return `  ${gutter} | ${shown}\n  ${' '.repeat(gutter.length)} | ${before}^`
}
