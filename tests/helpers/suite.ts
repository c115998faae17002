import { suite as uvu } from 'uvu'

export * as assert from 'uvu/assert'

/** Adds a test; the title is a sentence about behaviour. */
export type Test = (title: string, body: () => Promise<void> | void) => void

/**
 * A file's tests. Used in place of uvu's own suite, which passes when a hook throws, when `run()` is forgotten and when
 * a test never ends: here there are no hooks (set-up is a function, clean-up is `await using`), an empty suite fails,
 * every test has a limit, and `run()` is called.
 */
export function suite(name: string, define: (test: Test) => void, timeoutMs = 5000): void {
  const tests = uvu(name)
  let count = 0
  define((title, body) => {
    count++
    tests(title, () => limited(title, body, timeoutMs))
  })
  if (count === 0) throw new Error(`${name}: a suite without tests`)
  tests.run()
}

async function limited(title: string, body: () => Promise<void> | void, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" took more than ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    await Promise.race([body(), late])
  } finally {
    clearTimeout(timer)
  }
}
