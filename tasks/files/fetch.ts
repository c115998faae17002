import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { callerFolder } from '../../runner/model/call-site.ts'
import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { absolutePath, type FileState, type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, inText } from '../../runner/model/unknown.ts'

export interface FetchOptions {
  /** Absolute path on the host of a file. Symbolic links are followed. */
  readonly path: string
  /**
   * Where it goes on the control machine, relative to the file that names it. Directories are made. Where several hosts
   * have the file, their names belong into it: `` `got/${host.name}/hosts` ``.
   */
  readonly to: string
  /** Whether the host may not have the file, and then nothing is done. @default false */
  readonly optional?: boolean
  /** Whether not even digests of the content are told. @default false */
  readonly secret?: boolean
}

export interface FetchOut {
  /** The file on the control machine, as an absolute path. */
  readonly localPath: string
}

interface Wanted {
  readonly what: string
  readonly path: string
  readonly localPath: string
  readonly optional: boolean
  readonly secret: boolean
}

interface State {
  readonly path: PathState
}

const definition = resource<Wanted, State, FetchOut>({
  kind: 'fetch',
  id: ({ path, localPath }) => `${path} to ${localPath}`,
  probes: ({ path }) => ({ path: pathProbe(path) }),
  diff(wanted, state): Change[] {
    const found = existing(wanted, state)
    if (found === undefined) return []
    const before = localDigest(wanted)
    const after = certain(found.sha256)
    if (before === after) return []
    return wanted.secret
      ? [{ field: 'local file', before: undefined, after: undefined, restricted: true }]
      : [{ field: 'local file', before: before && `sha256 ${before}`, after: `sha256 ${after}` }]
  },
  apply: ({ path, localPath }) => [{ download: path, to: localPath }],
  after: (_, state) => state,
  out: ({ localPath }) => ({ localPath }),
})

function existing({ what, optional }: Wanted, state: State): FileState | undefined {
  const found = resolved(certain(state.path))
  if (found.kind === 'file') return found
  if (found.kind === 'absent' && optional) return undefined
  const why = found.kind === 'absent' ? 'there is no such file' : `there is a ${found.kind} at this path`
  throw new TsplayError(
    'OPTIONS',
    `${what}: ${why}`,
    found.kind === 'absent' ? { hint: 'optional: true lets it pass' } : {},
  )
}

/** `undefined` where there is none. */
function localDigest({ what, localPath }: Wanted): string | undefined {
  const found = statSync(localPath, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (!found.isFile()) throw new TsplayError('OPTIONS', `${what}: ${localPath} is no file on this machine`)
  return createHash('sha256').update(readFileSync(localPath)).digest('hex')
}

/**
 * A file of the host, on the control machine. It is brought only where the digests differ, checked, and takes the place of
 * an older one at once; a new one has mode `0600`. Its content is never shown. Check mode tells whether it would be brought.
 * @example
 * const { localPath } = await host.ensure(fetch({ path: '/etc/hosts', to: `got/${host.name}/hosts` }))
 */
export function fetch(options: FetchOptions): Resource<FetchOut> {
  const path = absolutePath(options.path)
  const to = inText(certain(options.to))
  if (to === '' || to.endsWith('/')) {
    throw new TsplayError('OPTIONS', `fetch ${path}: to is that of the file, with its name, not ${JSON.stringify(to)}`)
  }
  const localPath = resolve(callerFolder(), to)
  const { optional = false, secret = false } = options
  return definition({ what: `fetch ${path}`, path, localPath, optional, secret })
}
