import { TsplayError } from '../../model/errors.ts'
import { PredictionEnd } from '../../model/unknown.ts'
import type { Body } from './body.ts'
import type { HostHandle } from './handle.ts'
import { assertPlain } from './plain-result.ts'
import { bodyScope } from './scope.ts'
import { settleDue } from './settle-due.ts'

/** How long clean-up may take after the body, all of it together. */
const cleanupLimitMs = 30_000

/** How a body ended. */
export type BodyEnd =
  | { readonly status: 'ok'; readonly value: unknown }
  | { readonly status: 'predicted'; readonly reason: string }
  | { readonly status: 'failed'; readonly error: unknown }

/**
 * Runs one body to its end: what it left due is done, what it forgot to await is an error, its clean-up runs however it
 * ended, and nothing of it goes on afterwards.
 */
export async function runBody(
  body: Body,
  handle: HostHandle,
  act: (host: HostHandle) => Promise<unknown>,
): Promise<BodyEnd> {
  let end = await bodyScope.run(body, () => attempt(body, handle, act))
  body.startCleaning()
  for (const failure of await cleanUp(body)) if (end.status === 'ok') end = { status: 'failed', error: failure }
  body.close()
  return end
}

async function attempt(body: Body, handle: HostHandle, act: (host: HostHandle) => Promise<unknown>): Promise<BodyEnd> {
  try {
    const stray = new Promise<never>((_, reject) => {
      body.onStray = reject
    })
    const value = await Promise.race([act(handle), stray])
    const forgotten = await body.settle()
    if (forgotten) throw forgotten
    if (body.ended) throw body.ended
    assertPlain(value, `the result of "${body.play}"`)
    await settleDue(body, handle)
    return { status: 'ok', value }
  } catch (error) {
    const forgotten = await body.settle()
    // A body that swallowed the end of its prediction ended there all the same.
    const ended = error instanceof PredictionEnd ? error : body.ended
    if (ended) return { status: 'predicted', reason: ended.reason }
    return { status: 'failed', error: error instanceof TsplayError ? error : (forgotten ?? error) }
  }
}

/** Everything that was to be undone, last first; each failure is kept, none stops the others. */
async function cleanUp(body: Body): Promise<unknown[]> {
  const failures: unknown[] = []
  const deadline = Date.now() + cleanupLimitMs
  for (const undo of body.cleanups.toReversed()) {
    try {
      await within(deadline - Date.now(), undo())
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TsplayError('TIMEOUT', `clean-up took more than ${cleanupLimitMs / 1000} s`)),
      Math.max(ms, 0),
    )
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
