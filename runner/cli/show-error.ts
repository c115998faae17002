import { errorReport } from '../engine/error-report.ts'
import { errorLines } from '../report/error.ts'
import { createPalette, wantsColour } from '../report/palette.ts'
import type { Console } from './console.ts'

/** Shows on standard error what ended a command. */
export function showError(error: unknown, console: Console): void {
  const palette = createPalette(wantsColour(console.stderr, console.env))
  const [first = '', ...rest] = errorLines(errorReport(error), palette)
  console.stderr.write(`${[`${palette.failed('error:')} ${first.trimStart()}`, ...rest].join('\n')}\n`)
}
