import type { Change } from '../../runner/model/change.ts'
import { sha256 } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'

/**
 * What differs in a configuration file that a resource has for itself; `content` undefined: there is to be none. Root's,
 * of mode 0644. Throws a TsplayError where something that is no file is at its path.
 */
export function ownedFile(what: string, path: string, state: PathState, content: string | undefined): Change[] {
  const found = certain(state)
  if (content === undefined) return found.kind === 'absent' ? [] : [{ field: 'file', before: path, after: undefined }]
  const file = resolved(found)
  if (file.kind === 'absent') return [{ field: 'file', before: undefined, after: path }]
  if (file.kind !== 'file') throw new TsplayError('COMMAND', `${what}: ${path} is no file, but a ${file.kind}`)
  if (certain(file.sha256) === sha256(content)) return []
  return [{ field: 'content', before: file.content, after: content, text: true }]
}

/** The file once it is written, of root's. */
export function ownedFileAfter(state: PathState, content: string): PathState {
  const before = resolved(state)
  const file: PathState = {
    mode: '0644',
    owner: unknown('whoever runs it'),
    group: unknown('whoever runs it'),
    uid: unknown('whoever runs it'),
    gid: unknown('whoever runs it'),
    ...(before.kind === 'file' ? before : {}),
    kind: 'file',
    size: Buffer.byteLength(content),
    sha256: sha256(content),
    content,
  }
  if (before.kind === 'file' && before.sha256 === file.sha256) return state
  return state.kind === 'link' ? { ...state, resolved: file } : { ...file, mode: '0644' }
}
