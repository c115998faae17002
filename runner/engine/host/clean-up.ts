import { TsplayError } from '../../model/errors.ts'
import { PredictionEnd } from '../../model/unknown.ts'
import type { Body } from './body.ts'
import { cleaningScope } from './scope.ts'

/** How long clean-up may take after the body, all of it together. */
const limitMs = 30_000

/**
 * Runs everything that was to be undone, last first, 30 s at most; what it forgot to await is waited for. Gives the
 * failures: none stops the others, and in check mode an end of prediction is none.
 */
export async function cleanUp(body: Body): Promise<readonly unknown[]> {
  body.startCleaning()
  if (body.cleanups.length === 0) return []
  const failures: unknown[] = []
  const deadline = Date.now() + limitMs
  for (const undo of body.cleanups.splice(0).toReversed()) {
    const work = async () => {
      await undo()
      const forgotten = await body.settle()
      if (forgotten) throw forgotten
    }
    try {
      await within(deadline - Date.now(), cleaningScope.run(body, work))
    } catch (error) {
      if (!(error instanceof PredictionEnd)) failures.push(error)
    }
  }
  return failures
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TsplayError('TIMEOUT', `clean-up took more than ${limitMs / 1000} s`)),
      Math.max(ms, 0),
    )
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
