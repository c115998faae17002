import { Secret, reveal } from '../../model/secret.ts'
import { unknownReason } from '../../model/unknown.ts'

/** Why some part of a value is unknown, however deep; `undefined` when all of it is known. */
export function deepUnknown(value: unknown, depth = 8): string | undefined {
  const reason = unknownReason(value)
  if (reason !== undefined) return reason
  if (value instanceof Secret) return deepUnknown(reveal(value), depth)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || depth === 0) return undefined
  for (const part of Object.values(value)) {
    const found = deepUnknown(part, depth - 1)
    if (found !== undefined) return found
  }
  return undefined
}
