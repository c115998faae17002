import type { Change } from '../../runner/model/change.ts'
import type { FileState } from '../../runner/model/facts-of/path-state.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import type { DesiredContent } from './desired-content.ts'

/** The content's change, if there is one. `mode` is the one that the file is to have. */
export function contentChange(desired: DesiredContent, found: FileState | undefined, mode: string): Change | undefined {
  if (desired.unknown === undefined && found !== undefined && certain(found.sha256) === desired.sha256) return undefined
  if (desired.secret || !readableByAll(mode) || (found !== undefined && !readableByAll(certain(found.mode)))) {
    const after = desired.unknown === undefined ? '(not shown)' : unknown(desired.unknown)
    return { field: 'content', before: found && '(not shown)', after, restricted: true }
  }
  const shown = desired.text !== undefined && (found === undefined || found.content !== undefined)
  return shown
    ? { field: 'content', before: found?.content, after: desired.text, text: true }
    : { field: 'content', before: found && summary(found), after: summary(desired) }
}

/** What group or others may not read is not for logs either. */
const readableByAll = (mode: string) => (parseInt(mode, 8) & 0o044) === 0o044

const summary = (of: { readonly size: number; readonly sha256?: string }) => `${of.size} bytes, sha256 ${of.sha256}`
