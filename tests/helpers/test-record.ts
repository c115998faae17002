import { appendFileSync } from 'node:fs'

/** What the tests of a process tell the test command, one JSON line each; a test that was begun and not ended shows. */
export type TestRecord =
  | { readonly type: 'suite'; readonly file: string; readonly suite: string; readonly titles: readonly string[] }
  | ({ readonly type: 'test'; readonly file: string } & TestEnd)
  | { readonly type: 'broken'; readonly file: string; readonly message: string }

export interface TestEnd {
  readonly suite: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly ms: number
  /** Why it was skipped. */
  readonly reason?: string
}

const files = new Map<string, string>()
let loading = ''

/** Names the file whose suites are defined next. */
export function loadingFile(file: string): void {
  loading = file
}

export function recordSuite(suite: string, titles: readonly string[]): void {
  files.set(suite, loading)
  write({ type: 'suite', file: loading, suite, titles })
}

export const recordTest = (end: TestEnd): void => write({ type: 'test', file: files.get(end.suite) ?? '', ...end })

/** A file that cannot be loaded. */
export const recordBroken = (file: string, message: string): void => write({ type: 'broken', file, message })

function write(record: TestRecord): void {
  const report = process.env['TSPLAY_TEST_RECORD']
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(record)}\n`)
}
