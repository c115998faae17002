import { join } from 'node:path'
import { createReport, type Report } from '../report/report.ts'
import type { Console } from './console.ts'
import type { OutputOptions } from './options.ts'

/** Where the journals of runs lie, from the current folder. */
export const journalRoot = '.tsplay'

/** The report of a run, with its journal in `.tsplay` of the current folder. */
export function openReport(options: OutputOptions & { readonly diff: boolean }, console: Console): Report {
  return createReport({
    output: options.output,
    diff: options.diff,
    verbosity: options.verbose ?? 0,
    stdout: console.stdout,
    stderr: console.stderr,
    env: console.env,
    journal: { folder: join(console.cwd, journalRoot) },
  })
}
