import { TsplayError } from '../../../runner/model/errors.ts'
import { absolutePath } from '../../../runner/model/facts-of/path-state.ts'
import { certain } from '../../../runner/model/unknown.ts'

export interface GitCheckoutOptions {
  /** Anything that git fetches from: `https://…`, `git@host:group/project.git`, a path. No passwords: it is seen in process lists. */
  readonly repository: string
  /** Absolute path on the host of the working tree. Its parent has to be there, and it itself absent, empty or a checkout. */
  readonly path: string
  /**
   * A branch, a tag, or a whole commit id. For a commit that is there, the repository is not asked; a branch or tag is asked
   * for in each run. @default 'HEAD', the repository's own branch
   */
  readonly revision?: string
  /** How many commits of history are fetched. @default all of it */
  readonly depth?: number
  /** Whether changes of tracked files by hand are thrown away. Otherwise they stay, and a new revision is refused. @default false */
  readonly force?: boolean
  /** Whether a checkout that is there follows the revision. @default true */
  readonly update?: boolean
  /** Absolute path on the host of a private key for ssh; nothing is ever asked for. @default what ssh finds */
  readonly sshKey?: string
  /** Limit in milliseconds. @default 10 minutes */
  readonly timeoutMs?: number
}

export interface WantedCheckout extends Required<Omit<GitCheckoutOptions, 'depth' | 'sshKey'>> {
  readonly depth: number | undefined
  readonly sshKey: string | undefined
}

export const isCommit = (revision: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)

/** Options with their defaults. Throws `TsplayError('OPTIONS')`. */
export function wantedCheckout(options: GitCheckoutOptions): WantedCheckout {
  const { repository, revision = 'HEAD', depth, force = false, update = true, sshKey, timeoutMs = 600_000 } = options
  const path = absolutePath(options.path)
  const refuse = (why: string) => new TsplayError('OPTIONS', `gitCheckout ${path}: ${why}`)
  const shown = (text: string) => JSON.stringify(text.slice(0, 80))
  if (path === '/') throw refuse('the root can not be a checkout')
  if (!/^[^\s\0-\x1f\x7f-][^\0-\x1f\x7f]*$/.test(certain(repository)))
    throw refuse(`${shown(repository)} is nothing to fetch from`)
  if (/^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(repository)) {
    throw refuse("a password in the address would be seen in the host's process list")
  }
  // What git-check-ref-format(1) refuses, and some more.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./+@-]{0,250}$/.test(certain(revision)) || /\.\.|\/\/|\.lock$|[./]$|@\{/.test(revision))
    throw refuse(`${shown(revision)} is no branch, tag or commit`)
  if (depth !== undefined && !(Number.isInteger(depth) && depth > 0)) throw refuse('depth has to be 1 or more')
  return {
    repository,
    path,
    revision: isCommit(revision.toLowerCase()) ? revision.toLowerCase() : revision,
    depth,
    force,
    update,
    sshKey: sshKey === undefined ? undefined : absolutePath(sshKey),
    timeoutMs,
  }
}
