import { setTimeout as sleep } from 'node:timers/promises'
import { TsplayError } from './errors.ts'
import { PredictionEnd } from './unknown.ts'

export interface RetryOptions<T> {
  /** How often at most, the first time included. */
  readonly times: number
  /** Wait before the second attempt, in milliseconds. @default 1000 */
  readonly delayMs?: number
  /** What each wait is multiplied by for the next. @default 1 */
  readonly backoff?: number
  /** Whether a result is good enough; what is not is tried again. @default any result */
  readonly until?: (result: T) => boolean
}

/**
 * Does something again until it works. The last failure is thrown as it is; results that never satisfy `until` end in
 * TsplayError TIMEOUT. What can't get better by trying is not tried again: a stop by the user, an end of prediction.
 */
export async function retry<T>(options: RetryOptions<T>, act: (attempt: number) => Promise<T>): Promise<T> {
  if (!(options.times >= 1))
    throw new TsplayError('OPTIONS', `retry: times is ${options.times}, and has to be 1 or more`)
  let delayMs = options.delayMs ?? 1000
  for (let attempt = 1; ; attempt++) {
    const last = attempt >= options.times
    try {
      const result = await act(attempt)
      if (options.until?.(result) ?? true) return result
      if (last) throw new TsplayError('TIMEOUT', `still not as wanted after ${options.times} attempts`)
    } catch (error) {
      if (last || hopeless(error)) throw error
    }
    await sleep(delayMs)
    delayMs *= options.backoff ?? 1
  }
}

const hopeless = (error: unknown) =>
  error instanceof PredictionEnd ||
  (error instanceof TsplayError && ['ABORTED', 'PLAYBOOK', 'OPTIONS'].includes(error.code))
