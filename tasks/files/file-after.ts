import { maxTextBytes } from '../../runner/model/facts-of/path.ts'
import type { FileState } from '../../runner/model/facts-of/path-state.ts'
import { unknown } from '../../runner/model/unknown.ts'
import type { DesiredContent } from './desired-content.ts'
import { newOwnership, ownershipAfter, type WantedOwnership } from './ownership.ts'

/** The file that comes of it: exact, but for who owns a new one when nobody says. */
export function fileAfter(
  desired: DesiredContent | undefined,
  wanted: WantedOwnership,
  found: FileState | undefined,
): FileState {
  const ownership = ownershipAfter(wanted, found ?? newOwnership('0644'))
  if (desired === undefined) return { ...(found ?? { kind: 'file', size: 0 }), ...ownership }
  if (desired.unknown !== undefined) {
    const { unknown: reason } = desired
    return { kind: 'file', ...ownership, size: unknown(reason), sha256: unknown(reason), content: unknown(reason) }
  }
  const { size, sha256, text } = desired
  return {
    kind: 'file',
    ...ownership,
    size,
    sha256,
    ...(text === undefined || size > maxTextBytes ? {} : { content: text }),
  }
}
