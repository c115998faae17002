import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectError } from '../model/errors.ts'

/** How often a host is tried again after a failure that may pass; one that was silent for the whole limit, only once. */
const retries = (error: ConnectError) => (error.stage === 'timeout' ? 1 : 3)

/**
 * Tries again what may be tried again (ConnectError.retryable), after 0.3, 0.6 and 1.2 s, give or take half. Never after a
 * credential or a host's key was judged: servers punish repeated failures.
 */
export async function patiently<T>(act: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof ConnectError) || !error.retryable || attempt >= retries(error)) throw error
      // Spread, so that hundreds of hosts turned away together do not come back together.
      await sleep(300 * 2 ** attempt * (0.5 + Math.random()), undefined, signal && { signal })
    }
  }
}

/** A promise, unless the signal comes first. What the promise stands for goes on. */
export async function unlessAborted<T>(it: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return it
  signal.throwIfAborted()
  let abort = () => {}
  const aborted = new Promise<never>((_, fail) => {
    abort = () => fail(signal.reason)
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([it, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
