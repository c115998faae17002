import { posix } from 'node:path'
import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { ancestorProbe, pathProbe } from '../../../runner/model/facts-of/path.ts'
import { absolutePath, type FileState, type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import { certain, unknown } from '../../../runner/model/unknown.ts'
import {
  newOwnership,
  ownershipAfter,
  ownershipChanges,
  type OwnershipOptions,
  ownershipScript,
  wantedOwnership,
  type WantedOwnership,
} from '../ownership.ts'
import { checkParent, parentOf, wrongKind } from '../place.ts'
import { type ArchiveFormat, compressor, formatOf } from './archive-format.ts'
import { archiveScript } from './archive-script.ts'
import { archiveProbe, type ArchiveState, type Packing } from './archive-state.ts'

export type { ArchiveFormat } from './archive-format.ts'

export interface ArchiveOptions extends OwnershipOptions {
  /** Absolute path of the archive. */
  readonly path: string
  /** Absolute path of the directory whose files are packed. Names in the archive are relative to it. */
  readonly directory: string
  /** What of it is packed: paths below it, with all that is in them. @default all of it */
  readonly entries?: readonly string[]
  /**
   * What is left out, with all that is in it: patterns of the shell. One without a slash is of names at any depth, another of
   * whole paths, in which `*` stands for slashes too.
   */
  readonly exclude?: readonly string[]
  /** @default by the path: `.tar`, `.tar.gz` or `.tgz`, `.tar.xz`, `.tar.zst`, `.tar.bz2`, `.zip` */
  readonly format?: ArchiveFormat
  /** Four octal digits in a string. @default that of the archive that is replaced, or `0600`: it holds what only some may read */
  readonly mode?: string
  /** Limit for packing in milliseconds. @default 10 minutes */
  readonly timeoutMs?: number
}

interface Wanted extends Packing {
  readonly what: string
  readonly rights: WantedOwnership
  readonly timeoutMs: number | undefined
}

interface State {
  readonly archive: ArchiveState
  readonly file: PathState
  readonly parent: PathState
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'archive',
  id: ({ path }) => path,
  probes: (wanted) => ({
    archive: archiveProbe(wanted),
    file: pathProbe(wanted.path, { digest: false }),
    parent: ancestorProbe(parentOf(wanted.path), wanted.path),
  }),
  diff(wanted, state): Change[] {
    const found = existing(wanted, state)
    return [...contentChanges(wanted, state, found), ...ownershipChanges(wanted.rights, found)]
  },
  apply(wanted, changes, state) {
    const found = existing(wanted, state)
    const { rights } = wanted
    if (contentChanges(wanted, state, found).length === 0) {
      return [{ script: ownershipScript(wanted.path, rights, changes, found).join('\n') }]
    }
    const { owner, group } = rights
    const kept = found === undefined ? undefined : `${owner ?? found.uid}:${group ?? found.gid}`
    const asked = group === undefined ? owner : `${owner ?? ''}:${group}`
    const place = { mode: rights.mode ?? found?.mode ?? '0600', owner: kept ?? asked }
    const { timeoutMs } = wanted
    return [
      {
        script: archiveScript(wanted, state.archive.digest, place),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        hint: 'Is there room for it? Does the play become root?',
      },
    ]
  },
  after(wanted, state) {
    const found = existing(wanted, state)
    const { archive, file } = state
    const start: FileState = found ?? { kind: 'file', size: 0, ...newOwnership('0600') }
    const isNew = contentChanges(wanted, state, found).length > 0
    const packed: FileState = {
      kind: 'file',
      size: isNew ? unknown<number>('how well it packs') : start.size,
      ...ownershipAfter(wanted.rights, start),
    }
    return {
      ...state,
      archive: { ...archive, recorded: archive.digest, whole: true, packed: undefined },
      file: file.kind === 'link' ? { ...file, resolved: packed } : packed,
    }
  },
  out: ({ path }) => ({ path }),
})

/** The archive that is there; throws where something else is, or where it can't be made. */
function existing({ what, path }: Wanted, { file, parent }: State): FileState | undefined {
  const at = certain(file)
  const found = resolved(at)
  if (found.kind === 'file') return found
  if (found.kind !== 'absent' || at.kind === 'link') throw wrongKind(what, at, 'path is that of a file')
  checkParent(what, path, parent)
  return undefined
}

function contentChanges({ what }: Wanted, { archive }: State, found: FileState | undefined): Change[] {
  const { tools, problem, digest, names, recorded, whole, packed } = certain(archive)
  if (problem !== undefined) {
    const hint = problem.endsWith('can not be read') ? { hint: 'Does the play become root?' } : {}
    throw new TsplayError('COMMAND', `${what}: ${problem}`, hint)
  }
  if (recorded === digest && whole && found !== undefined) return []
  if (tools.missing !== undefined) {
    throw new TsplayError('COMMAND', `${what}: ${tools.missing} is not installed, or can not pack`, {
      hint: 'install it first, or choose another format',
    })
  }
  const count = `${names.length} ${names.length === 1 ? 'entry' : 'entries'}`
  if (found === undefined) return [{ field: 'archive', before: undefined, after: count }]
  if (!whole) return [{ field: 'archive', before: 'not whole', after: count }]
  if (recorded === undefined) return [{ field: 'archive', before: 'made by something else', after: count }]
  const [before, after] = [packed ?? names, names].map((list) => list.map((name) => `${name}\n`).join(''))
  if (before !== after) return [{ field: 'entries', before, after, text: true }]
  return [{ field: 'contents', before: 'as they were packed', after: 'as they are' }]
}

/**
 * Files of a directory of the host, packed into an archive there. It is made anew only where what is to be packed differs from
 * what is in it: in a name, a content, a link's target, an owner or a mode. That is told by a digest of all these which the
 * archive bears (a comment in pax's global header, or zip's), so each run reads all files and the archive; a file that was
 * only touched changes nothing. What is packed are files, directories and symbolic links, with their times, and in tar with their
 * owners; devices, sockets, access control lists and extended attributes are not, and hard links may become files of their own.
 *
 * Nothing is removed after it is packed: what makes an archive whose files are gone could not run a second time. Needs tar and
 * the format's own program (gzip, xz, zstd, bzip2) on the host, or zip; busybox's tar, gzip and bzip2 do, its xz only unpacks.
 * To unpack is `unarchive`.
 * @example
 * await host.ensure(archive({ path: '/var/backups/site.tar.zst', directory: '/srv/site', exclude: ['*.tmp', '/cache'] }))
 * await host.ensure(archive({ path: '/var/backups/etc.tar.gz', directory: '/etc', entries: ['ssh', 'fstab'], group: 'adm', mode: '0640' }))
 */
export function archive(options: ArchiveOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const what = `archive ${path.slice(0, 200)}`
  const refuse = (why: string) => new TsplayError('OPTIONS', `${what}: ${why}`)
  const { entries = [], exclude = [], timeoutMs, mode, owner, group } = options
  if (/[\n\r]/.test(path)) throw refuse('the path of an archive holds no line end here')
  const format = options.format ?? formatOf(path)
  if (format === undefined) throw refuse('its name does not tell how it is packed: give format')
  if (format !== 'zip' && !(certain(format) in compressor)) throw refuse(`there is no format ${JSON.stringify(format)}`)
  const below = entries.map((entry) => {
    const normal = posix.normalize(certain(entry)).replace(/\/$/, '')
    if (!/^(?:\/|\.\.(?:\/|$)|\.?$)/.test(normal) && !/[\0-\x1f]/.test(normal)) return normal
    throw refuse(`entries are paths below the directory, not ${JSON.stringify(entry.slice(0, 80))}`)
  })
  for (const pattern of exclude) {
    if (/[\0\n\r]/.test(certain(pattern)) || pattern.replace(/^\/|\/$/g, '') === '') {
      throw refuse(`exclude holds ${JSON.stringify(pattern.slice(0, 80))}, which is no pattern`)
    }
  }
  return definition({
    what,
    path,
    directory: absolutePath(options.directory),
    entries: below,
    exclude,
    format,
    timeoutMs,
    rights: wantedOwnership(what, {
      ...(mode === undefined ? {} : { mode }),
      ...(owner === undefined ? {} : { owner }),
      ...(group === undefined ? {} : { group }),
    }),
  })
}
