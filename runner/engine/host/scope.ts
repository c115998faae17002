import { AsyncLocalStorage } from 'node:async_hooks'
import { userFrame } from '../../model/call-site.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Body } from './body.ts'

/** Which body some asynchronous work belongs to: a rejection that nobody handles fails that body, not the process. */
export const bodyScope = new AsyncLocalStorage<Body>()

/** Set in the clean-up of a body, and in nothing else of it. */
export const cleaningScope = new AsyncLocalStorage<Body>()

/** Watches for rejections that nobody handles while a run lasts; those outside any body go to `others`. */
export function watchStrays(others: (error: unknown) => void): Disposable {
  const onStray = (error: unknown) => {
    if (bodyScope.getStore()?.failByStray(strayError(error)) !== true) others(error)
  }
  process.on('unhandledRejection', onStray)
  return { [Symbol.dispose]: () => void process.off('unhandledRejection', onStray) }
}

function strayError(error: unknown): TsplayError {
  if (error instanceof TsplayError) return error
  const message = error instanceof Error ? error.message : String(error)
  const at = error instanceof Error ? userFrame(error.stack) : undefined
  return new TsplayError('PLAYBOOK', `a promise that nobody awaited failed: ${message}`, {
    cause: error,
    ...(at === undefined ? {} : { at }),
  })
}
