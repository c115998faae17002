import { exec, suite as uvu } from 'uvu'
import { recordSuite, recordTest } from './test-record.ts'

export * as assert from 'uvu/assert'

/** Adds a test; the title is a sentence about behaviour. */
export type Test = (title: string, body: () => Promise<void> | void) => void

export interface SuiteOptions {
  /** Limit of each test. @default 5 s */
  readonly timeoutMs?: number
  /** Why none of the tests can run here; they are then counted, and named aloud, as skipped. */
  readonly skip?: string | undefined
}

class Skipped extends Error {}

/** Ends the test it is called in: it cannot run here, for this reason, and is counted as skipped. */
export function skip(reason: string): never {
  throw new Skipped(reason)
}

/**
 * A file's tests. Used in place of uvu's own suite, which passes when a hook throws, when `run()` is forgotten and when
 * a test never ends: here there are no hooks (set-up is a function, clean-up is `await using`), an empty suite fails,
 * every test has a limit, and `run()` is called.
 */
export function suite(name: string, define: (test: Test) => void, options: number | SuiteOptions = {}): void {
  const { timeoutMs = 5000, skip: reason } = typeof options === 'number' ? { timeoutMs: options } : options
  const tests = uvu(name)
  const titles: string[] = []
  define((title, body) => {
    titles.push(title)
    tests(title, () =>
      recorded(name, title, reason === undefined ? () => limited(title, body, timeoutMs) : () => skip(reason)),
    )
  })
  if (titles.length === 0) throw new Error(`${name}: a suite without tests`)
  recordSuite(name, titles)
  tests.run()
}

/** Runs every suite that was defined while uvu's queue was held back. For the test command alone. */
export const runSuites = (): Promise<void> => exec()

async function recorded(name: string, title: string, body: () => Promise<void>): Promise<void> {
  const start = performance.now()
  const record = (status: 'passed' | 'failed' | 'skipped', reason?: string) =>
    recordTest({ suite: name, title, status, ms: Math.round(performance.now() - start), ...(reason && { reason }) })
  try {
    await body()
  } catch (error) {
    if (!(error instanceof Skipped)) {
      record('failed')
      throw error
    }
    process.stdout.write(`\n  SKIPPED "${title}": ${error.message}\n`)
    record('skipped', error.message)
    return
  }
  record('passed')
}

async function limited(title: string, body: () => Promise<void> | void, timeoutMs: number): Promise<void> {
  const limit = timeoutMs * Number(process.env['TSPLAY_TEST_PATIENCE'] ?? 1)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" took more than ${limit} ms`)), limit)
  })
  try {
    await Promise.race([body(), late])
  } finally {
    clearTimeout(timer)
  }
}
