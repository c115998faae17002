import { TsplayError } from './errors.ts'

/** Marks text that carries an unknown; chosen from a private-use area, so that no real text holds it. */
const open = '\u{F0000}'
const close = '\u{F0001}'
const token = new RegExp(`${open}([^${close}]*)${close}`, 'u')
const reasonOf = new WeakMap<object, string>()

/** Thrown when a prediction needs a value that can't be known beforehand. It ends the prediction; it is not a failure. */
export class PredictionEnd extends TsplayError {
  readonly reason: string
  constructor(reason: string) {
    super('INTERNAL', `can not be predicted: ${reason}`)
    this.reason = reason
  }
}

/** What text made from an unknown may still be asked without deciding anything on it. */
const carrying = new Set<PropertyKey>(['trim', 'trimEnd', 'trimStart', 'toString', 'valueOf'])

/**
 * Stands for a value that check mode can't know. It can be carried in text (`${it}`, `.trim()`, `.join()`); any other use
 * that JavaScript lets us see ends the prediction with the reason (`===` and truth it does not). Typed as whatever the place wants, since the real run has a real value there.
 */
export function unknown<T = never>(reason: string): T {
  const proxy: object = new Proxy(Object.create(null) as object, {
    get(_, key) {
      if (key === Symbol.toPrimitive) {
        return (hint: string) => {
          if (hint !== 'string') throw new PredictionEnd(reason)
          return open + reason + close
        }
      }
      if (carrying.has(key)) return () => (key === 'toString' ? open + reason + close : proxy)
      // An unknown may be awaited, inspected and serialised by the engine itself.
      if (key === 'then' || key === 'toJSON' || typeof key === 'symbol') return undefined
      throw new PredictionEnd(reason)
    },
    has: () => {
      throw new PredictionEnd(reason)
    },
    ownKeys: () => {
      throw new PredictionEnd(reason)
    },
  })
  reasonOf.set(proxy, reason)
  return proxy as T
}

/** Why a value is unknown: the value itself, or text that carries one; `undefined` where it is known. */
export function unknownReason(value: unknown): string | undefined {
  if (typeof value === 'string') return token.exec(value)?.[1]
  return typeof value === 'object' && value !== null ? reasonOf.get(value) : undefined
}

/** Text as a person may read it, with unknowns named. */
export const showUnknown = (text: string): string => text.replaceAll(new RegExp(token, 'gu'), '(not known yet: $1)')

/** The value itself, for a decision that rests on it. Throws {@link PredictionEnd} when it is unknown, in whole or in part. */
export function certain<T>(value: T): T {
  const reason = unknownReason(value)
  if (reason !== undefined) throw new PredictionEnd(reason)
  return value
}

/** An unknown as text that carries it; anything else as it is. For options whose text is only passed on. */
export const inText = <T>(value: T): T | string =>
  typeof value === 'object' && unknownReason(value) !== undefined ? String(value) : value
