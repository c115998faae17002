import { TsplayError } from '../../../runner/model/errors.ts'
import { revealAny, Secret } from '../../../runner/model/secret.ts'
import { unknown, unknownReason } from '../../../runner/model/unknown.ts'

/** Where a value is in a structure: the keys that lead to it; of a list, the number of the item, from 0. */
export type ValuePath = readonly (string | number)[]

/** One thing to be done to a structure; without `value`, what is at the path is to go. */
export interface ValueEdit {
  readonly path: readonly string[]
  readonly value?: unknown
}

/** What is to be done, in its order, and what has to be known of the values. */
export interface ValueEdits {
  readonly edits: readonly ValueEdit[]
  /** A value is a secret, so that no line of the file may be shown. */
  readonly secret: boolean
  /** Why a value can't be known yet, in check mode. */
  readonly unknown: string | undefined
}

/** A path as people write it. */
export const shownPath = (path: ValuePath): string =>
  path.map((key) => (typeof key === 'string' && /^[\w-]*$/.test(key) ? key : JSON.stringify(key))).join('.')

/** Whether a value has keys of its own: what is set goes into those, and leaves the others as they are. */
export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null)

/**
 * What `set` and `remove` ask for, as single edits. Throws `TsplayError('OPTIONS')` where nothing is asked, or one thing is
 * to be set and to go.
 */
export function valueEdits(what: string, set: object | undefined, remove: readonly ValuePath[] = []): ValueEdits {
  const found = { secret: false, unknown: undefined as string | undefined }
  const gone = remove.map((path): ValueEdit => {
    if (Array.isArray(path) && path.length > 0) return { path: path.map(String) }
    throw new TsplayError('OPTIONS', `${what}: remove is a list of paths, each a list of keys: [['server', 'port']]`)
  })
  const given: ValueEdit[] = []
  const gather = (value: unknown, path: readonly string[]): void => {
    const plain = plainValue(what, value, path, found)
    const entries = isTable(plain) ? Object.entries(plain).filter(([, each]) => each !== undefined) : []
    if (entries.length === 0) given.push({ path, value: plain })
    for (const [key, each] of entries) gather(each, [...path, key])
  }
  for (const [key, value] of Object.entries(set ?? {})) if (value !== undefined) gather(value, [key])
  if (gone.length + given.length === 0) throw new TsplayError('OPTIONS', `${what}: set or remove is needed`)
  for (const { path } of gone) {
    if (!given.some((other) => begins(path, other.path) || begins(other.path, path))) continue
    throw new TsplayError('OPTIONS', `${what}: ${shownPath(path)} is to be set and to be removed`)
  }
  return { edits: [...gone, ...given], ...found }
}

const begins = (whole: readonly string[], start: readonly string[]) => start.every((key, i) => whole[i] === key)

/** A value with its secrets revealed, however deep; what no file of values can hold is refused. */
function plainValue(
  what: string,
  value: unknown,
  path: readonly string[],
  found: { secret: boolean; unknown: string | undefined },
): unknown {
  const reason = unknownReason(value)
  if (reason !== undefined) {
    found.unknown ??= reason
    return ''
  }
  if (value instanceof Secret) {
    found.secret = true
    return plainValue(what, revealAny(value as Secret<unknown>), path, found)
  }
  if (Array.isArray(value)) return value.map((each, i) => plainValue(what, each, [...path, String(i)], found))
  if (isTable(value)) {
    const entries = Object.entries(value).map(([key, each]) => [key, plainValue(what, each, [...path, key], found)])
    return Object.fromEntries(entries)
  }
  if (value === null || ['string', 'boolean', 'bigint', 'undefined'].includes(typeof value)) return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TsplayError(
    'OPTIONS',
    `${what}: ${shownPath(path)} is ${typeof value === 'number' ? value : typeof value}`,
    {
      hint: 'values are texts, numbers, booleans, null, lists and objects of these, and secrets',
    },
  )
}

/** Content that can't be known yet. */
export const unknownText = (reason: string): string => String(unknown(reason))
