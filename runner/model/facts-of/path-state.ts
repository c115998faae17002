import { posix } from 'node:path'
import { TsplayError } from '../errors.ts'
import { PredictionEnd, unknownReason } from '../unknown.ts'

/** Who may do what with a file or directory. */
export interface Ownership {
  /** Four octal digits: `0644`. */
  readonly mode: string
  /** The user's name, or the uid in digits where the host has no name for it. */
  readonly owner: string
  readonly group: string
  readonly uid: number
  readonly gid: number
}

export interface FileState extends Ownership {
  readonly kind: 'file'
  /** In bytes. */
  readonly size: number
  /** Lower-case hex. Left out when the probe did not ask for it. */
  readonly sha256?: string
  /** The whole text, when asked for, within the limit and valid UTF-8. */
  readonly content?: string
}

export interface DirectoryState extends Ownership {
  readonly kind: 'directory'
}

/** A device, socket or pipe. */
export interface OtherState extends Ownership {
  readonly kind: 'other'
  readonly what: 'block device' | 'character device' | 'pipe' | 'socket' | 'unknown type'
}

export interface AbsentState {
  readonly kind: 'absent'
}

/** What is at the end of a chain of symbolic links. */
export type ResolvedState = AbsentState | FileState | DirectoryState | OtherState

export interface LinkState {
  readonly kind: 'link'
  /** As it is written in the link. */
  readonly target: string
  /** Where the chain of links ends, as an absolute path, where that can be told. */
  readonly realPath?: string
  /** What it leads to in the end; absent for a dangling link. */
  readonly resolved: ResolvedState
}

/** What is at a path. */
export type PathState = ResolvedState | LinkState

/** The fact's id of a path. */
export const pathFact = (path: string): string => `path:${absolutePath(path)}`

/**
 * A path without `.`, `..`, doubled or trailing slashes. Throws `TsplayError('OPTIONS')` when it is empty, relative,
 * starts with `~` (which no shell expands here) or holds a NUL.
 */
export function absolutePath(path: string): string {
  const reason = unknownReason(path)
  if (reason !== undefined) throw new PredictionEnd(reason)
  const shown = JSON.stringify(path)
  if (typeof path !== 'string' || path === '') throw new TsplayError('OPTIONS', `a path is needed, not ${shown}`)
  if (path.includes('\0')) throw new TsplayError('OPTIONS', `a path can not hold a NUL byte: ${shown}`)
  if (path.startsWith('~')) {
    throw new TsplayError('OPTIONS', `"~" is not expanded in paths: ${shown}`, {
      hint: 'give the absolute path, such as /home/deploy/.profile',
    })
  }
  if (!path.startsWith('/')) {
    throw new TsplayError('OPTIONS', `a path on a host has to be absolute: ${shown}`, { hint: 'start it with "/"' })
  }
  // POSIX leaves the meaning of exactly two leading slashes open; Node keeps them as one already.
  const normal = posix.normalize(path)
  return normal === '/' ? normal : normal.replace(/\/$/, '')
}

/** What is there once symbolic links are followed. */
export const resolved = (state: PathState): ResolvedState => (state.kind === 'link' ? state.resolved : state)
