import { setImmediate as nextTick } from 'node:timers/promises'
import { userFrame } from '../../model/call-site.ts'
import { TsplayError } from '../../model/errors.ts'
import { PredictionEnd } from '../../model/unknown.ts'
import type { Body } from './body.ts'
import { cleanUp } from './clean-up.ts'
import type { HostHandle } from './handle.ts'
import { assertPlain } from './plain-result.ts'
import { bodyScope } from './scope.ts'
import { settleDue } from './settle-due.ts'

/** How a body ended. */
export type BodyEnd =
  | { readonly status: 'ok'; readonly value: unknown }
  | { readonly status: 'predicted'; readonly reason: string }
  | { readonly status: 'failed'; readonly error: unknown }

/**
 * Runs one body to its end: what it left due is done, what it forgot to await is an error, its clean-up runs however it
 * ended, and nothing of it goes on afterwards. Never rejects.
 */
export async function runBody(
  body: Body,
  handle: HostHandle,
  act: (host: HostHandle) => Promise<unknown>,
): Promise<BodyEnd> {
  let end = await bodyScope.run(body, () => attempt(body, handle, act))
  const [failure] = await bodyScope.run(body, () => cleanUp(body))
  if (failure !== undefined && end.status !== 'failed') end = { status: 'failed', error: located(body, failure) }
  body.close()
  if (end.status === 'ok') body.ahead.learn()
  return end
}

async function attempt(body: Body, handle: HostHandle, act: (host: HostHandle) => Promise<unknown>): Promise<BodyEnd> {
  using stopped = whenStopped(body)
  try {
    body.ahead.begin()
    const value = await Promise.race([act(handle), body.stray, stopped.rejects])
    body.ahead.left()
    body.startEnding()
    // Node tells of rejections that nobody handled once all that is settled was told.
    await Promise.race([nextTick(), body.stray])
    const forgotten = await body.settle()
    if (forgotten) throw forgotten
    if (body.ended) throw body.ended
    assertPlain(value, `the result of "${body.play}"`)
    await settleDue(body, handle)
    return { status: 'ok', value }
  } catch (error) {
    body.ahead.left()
    body.startEnding()
    await body.settle()
    // A body that swallowed the end of its prediction ended there all the same.
    const ended = error instanceof PredictionEnd ? error : body.ended
    return ended && body.check
      ? { status: 'predicted', reason: ended.reason }
      : { status: 'failed', error: located(body, error) }
  }
}

/** Rejects when bodies are to abort, also one that waits for something else than a host. */
function whenStopped(body: Body): Disposable & { readonly rejects: Promise<never> } {
  const { signal } = body
  let reject: (reason: unknown) => void = () => {}
  let timer: NodeJS.Timeout | undefined
  const rejects = new Promise<never>((_, no) => {
    reject = no
  })
  const abort = () => {
    // Operations that are cut say so themselves, and better.
    void body.idle().then(() => {
      timer = setTimeout(() => reject(signal.reason), 100)
    })
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return {
    rejects,
    [Symbol.dispose]() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}

/** An error that no operation has seen (options that make no sense, say) is told where it comes from, too. */
function located(body: Body, error: unknown): unknown {
  if (!(error instanceof TsplayError)) return error
  error.at ??= userFrame(error.stack)
  error.host ??= body.host
  return error
}
