import { posix } from 'node:path'
import { TsplayError } from '../../runner/model/errors.ts'
import { type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { certain } from '../../runner/model/unknown.ts'

/** Where a path's directory is; that of `/` is itself. */
export const parentOf = (path: string): string => posix.dirname(path)

/** Throws a TsplayError unless something can be made at `path`, going by the state of its parent directory. */
export function checkParent(what: string, path: string, parent: PathState): void {
  const state = resolved(certain(parent))
  if (state.kind === 'directory') return
  const above = parentOf(path)
  throw state.kind === 'absent'
    ? new TsplayError('OPTIONS', `${what}: its directory ${above} does not exist`, {
        hint: `make it first: await host.ensure(directory({ path: ${JSON.stringify(above)} }))`,
      })
    : new TsplayError(
        'OPTIONS',
        `${what}: ${above} is a ${state.kind === 'file' ? 'file' : state.what}, not a directory`,
      )
}

/** The error for something else being where a file, directory or link is to be. */
export const wrongKind = (what: string, found: PathState, hint: string): TsplayError =>
  new TsplayError('OPTIONS', `${what}: there is a ${found.kind === 'other' ? found.what : found.kind} at this path`, {
    hint,
  })
