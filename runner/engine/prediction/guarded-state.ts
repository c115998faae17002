import { PredictionEnd, unknownReason } from '../../model/unknown.ts'
import { deepUnknown } from './deep-unknown.ts'

/**
 * A state as `diff` may see it: looking at a part that is not known ends the prediction, whatever is done with it.
 * An unknown itself notices most uses, but `===` and truth it does not, and would be taken for an answer.
 */
export const guardedState = (state: object): object => (deepUnknown(state) === undefined ? state : guarded(state))

function guarded<T extends object>(of: T): T {
  const copy: object = Array.isArray(of) ? [] : {}
  for (const [key, value] of Object.entries(of)) {
    const reason = typeof value === 'object' ? unknownReason(value) : undefined
    Object.defineProperty(copy, key, {
      enumerable: true,
      get(): unknown {
        if (reason !== undefined) throw new PredictionEnd(reason)
        return isPlain(value) ? guarded(value) : value
      },
    })
  }
  return copy as T
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
