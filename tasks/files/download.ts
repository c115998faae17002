import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { ancestorProbe, pathProbe } from '../../runner/model/facts-of/path.ts'
import {
  absolutePath,
  type FileState,
  pathFact,
  type PathState,
  resolved,
} from '../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { downloadScript } from './download-script.ts'
import {
  newOwnership,
  ownershipAfter,
  type OwnershipOptions,
  ownershipChanges,
  ownershipScript,
  wantedOwnership,
  type WantedOwnership,
} from './ownership.ts'
import { checkParent, parentOf, wrongKind } from './place.ts'

interface DownloadTarget extends OwnershipOptions {
  /** `https:`, `http:` or `ftp:`. Visible in the host's process list: no passwords in it. */
  readonly url: string
  /** Absolute path on the host of the file. */
  readonly path: string
  /** Limit in milliseconds. @default 10 minutes */
  readonly timeoutMs?: number
}

interface CheckedDownload {
  /** The file's SHA-256 in hex. Needed, unless `checksum` says that there is none. */
  readonly sha256: string
  readonly checksum?: never
}

interface UncheckedDownload {
  /** In place of `sha256`: whatever comes is taken, and only a missing file is fetched. */
  readonly checksum: 'none'
  readonly sha256?: never
}

export type DownloadOptions = DownloadTarget & (CheckedDownload | UncheckedDownload)

interface Wanted extends WantedOwnership {
  readonly what: string
  readonly path: string
  readonly url: string
  readonly sha256: string | undefined
  readonly timeoutMs: number | undefined
}

interface State {
  readonly path: PathState
  readonly parent: PathState
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'download',
  id: ({ path }) => path,
  probes: ({ path, sha256 }) => ({
    path: pathProbe(path, { digest: sha256 !== undefined }),
    parent: ancestorProbe(parentOf(path), path),
  }),
  diff(wanted, state): Change[] {
    const found = existing(wanted, state)
    const right = found !== undefined && (wanted.sha256 === undefined || certain(found.sha256) === wanted.sha256)
    const after = wanted.sha256 === undefined ? `from ${wanted.url}` : `sha256 ${wanted.sha256}`
    const content: Change[] = right ? [] : [{ field: 'content', before: found && `sha256 ${found.sha256}`, after }]
    return [...content, ...ownershipChanges(wanted, found)]
  },
  apply(wanted, changes, state) {
    const found = existing(wanted, state)
    const { path, url, sha256, timeoutMs } = wanted
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    if (!changes.some(({ field }) => field === 'content')) {
      return [{ script: ['set -e', ...ownershipScript(path, wanted, changes, found)].join('\n'), ...limit }]
    }
    const mode = wanted.mode ?? found?.mode ?? '0644'
    const owner = wanted.owner ?? (found && String(found.uid))
    const group = wanted.group ?? (found && String(found.gid))
    return [{ script: downloadScript({ url, path, sha256, mode, owner, group }), ...limit }]
  },
  after(wanted, state) {
    const file = fileOf(wanted, state)
    return { ...state, path: state.path.kind === 'link' ? { ...state.path, resolved: file } : file }
  },
  effects(wanted, { path, ...rest }) {
    if (unknownReason(path) !== undefined || path.kind !== 'link' || path.realPath === undefined) return []
    return [{ fact: pathFact(path.realPath), value: fileOf(wanted, { path, ...rest }) }]
  },
  out: ({ path }) => ({ path }),
})

function existing({ what, path }: Wanted, state: State): FileState | undefined {
  const at = certain(state.path)
  const found = resolved(at)
  if (found.kind === 'file') return found
  if (found.kind !== 'absent') throw wrongKind(what, found, 'path is that of the file, with its name')
  if (at.kind === 'absent') checkParent(what, path, state.parent)
  return undefined
}

function fileOf(wanted: Wanted, state: State): FileState {
  const found = existing(wanted, state)
  const ownership = ownershipAfter(wanted, found ?? newOwnership('0644'))
  if (found !== undefined && (wanted.sha256 === undefined || found.sha256 === wanted.sha256))
    return { ...found, ...ownership }
  const fetched = `what ${wanted.url} gives`
  return {
    kind: 'file',
    ...ownership,
    size: unknown(fetched),
    sha256: wanted.sha256 ?? unknown(fetched),
    content: unknown(fetched),
  }
}

/**
 * A file that the host fetches itself, by curl or wget. Fetched beside its place, and put there only once its SHA-256 is
 * right; a file that has the right one is never fetched again, so an unchanged host needs no network. What was cut is gone on
 * with from where it ended, by this run or the next, as long as the server says that it is still the same (`If-Range`), or the
 * digest can tell.
 * @example
 * await host.ensure(
 *   download({
 *     url: 'https://example.com/tool-1.2.3',
 *     path: '/usr/local/bin/tool',
 *     mode: '0755',
 *     sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
 *   }),
 * )
 */
export function download(options: DownloadOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const what = `download ${path}`
  const { timeoutMs } = options
  return definition({
    path,
    what,
    ...wantedOwnership(what, options),
    url: checkedUrl(what, options.url),
    sha256: checkedSha256(what, options),
    timeoutMs,
  })
}

export function checkedUrl(what: string, url: string): string {
  const { protocol, username, password } = URL.canParse(certain(url)) ? new URL(url) : { protocol: '' }
  if (/[\s\0]/.test(url) || !['http:', 'https:', 'ftp:'].includes(protocol)) {
    throw new TsplayError(
      'OPTIONS',
      `${what}: url has to be a complete http, https or ftp address, not ${JSON.stringify(url)}`,
    )
  }
  if (username || password) {
    throw new TsplayError('OPTIONS', `${what}: a password in the url would be seen in the host's process list`)
  }
  return url
}

export function checkedSha256(
  what: string,
  { sha256, checksum }: { readonly sha256?: string; readonly checksum?: 'none' },
): string | undefined {
  if (checksum === 'none' && sha256 === undefined) return undefined
  const digest = sha256 === undefined ? '' : certain(sha256).toLowerCase()
  if (/^[0-9a-f]{64}$/.test(digest)) return digest
  throw new TsplayError('OPTIONS', `${what}: sha256 has to be 64 hex digits, not ${JSON.stringify(sha256)}`, {
    hint: "checksum: 'none' takes whatever comes",
  })
}
