import { TsplayError } from '../../model/errors.ts'
import { Secret } from '../../model/secret.ts'
import { unknownReason } from '../../model/unknown.ts'

/** Refuses what can't be handed from play to play or kept in a journal; the types refuse it too, where they are checked. */
export function assertPlain(value: unknown, what: string, path = '', above: readonly unknown[] = []): void {
  const kind = above.includes(value) ? 'a cycle' : notPlain(value)
  if (kind !== undefined) {
    throw new TsplayError('PLAYBOOK', `${what} is not plain data: ${path === '' ? 'it' : path} is ${kind}`, {
      hint: 'Return text, numbers, booleans, dates, secrets, arrays and plain objects.',
    })
  }
  if (typeof value !== 'object' || value === null || isLeaf(value)) return
  for (const [key, part] of Object.entries(value))
    assertPlain(part, what, path === '' ? key : `${path}.${key}`, [...above, value])
}

const isLeaf = (value: object) => value instanceof Date || value instanceof Secret || unknownReason(value) !== undefined

function notPlain(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (typeof value !== 'object' || value === null || isLeaf(value) || Array.isArray(value)) return undefined
  if (value instanceof Promise) return 'a promise (await it)'
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype ? undefined : `an instance of ${value.constructor.name}`
}
