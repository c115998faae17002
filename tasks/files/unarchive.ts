import { posix } from 'node:path'
import type { Change } from '../../runner/model/change.ts'
import { sha256 } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe, unfollowedProbe } from '../../runner/model/facts-of/path.ts'
import { absolutePath, type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { localContent } from './desired-content.ts'
import { downloadScript } from './download-script.ts'
import { checkedSha256, checkedUrl } from './download.ts'
import { wantedOwnership } from './ownership.ts'
import { unarchiveScript } from './unarchive-script.ts'

/** Where the archive is: on the control machine (relative to the file that names it), on the host, or at an address. */
export type ArchivePlace =
  | {
      /** An archive of the control machine, relative to the file that names it. */
      readonly source: string
      readonly hostPath?: never
      readonly url?: never
    }
  | {
      /** In place of `source`: absolute path of an archive on the host. */
      readonly hostPath: string
      readonly source?: never
      readonly url?: never
    }
  | {
      /** In place of `source`: where the host fetches it. */
      readonly url: string
      /** Of the archive, in hex. */
      readonly sha256: string
      readonly source?: never
      readonly hostPath?: never
    }

export type UnarchiveOptions = ArchivePlace & {
  /** Absolute path on the host of the directory to unpack into; it has to be there. */
  readonly path: string
  /**
   * Something that is in the archive, as a path below `path`. It takes its place last, so where it is there, nothing is
   * done: name something that bears the version, such as `app-1.2/bin/app`.
   */
  readonly creates: string
  /** How many leading directories are taken off the names in the archive. @default 0 */
  readonly stripComponents?: number
  /** Of all that is unpacked. @default the user who unpacks */
  readonly owner?: string | number
  /** Of all that is unpacked. @default the group of the user who unpacks */
  readonly group?: string | number
  /** Of all files. Four octal digits in a string. @default as in the archive */
  readonly fileMode?: string
  /** Of all directories. @default as in the archive */
  readonly directoryMode?: string
  /** `zip`, or what the host's tar reads: it knows gzip, bzip2, xz and zstd by itself where their programs are. @default by the name */
  readonly format?: 'tar' | 'zip'
  /** Limit in milliseconds. @default 10 minutes */
  readonly timeoutMs?: number
}

interface Wanted {
  readonly what: string
  readonly path: string
  readonly creates: string
  readonly options: UnarchiveOptions
  readonly content: Buffer | undefined
}

interface State {
  readonly created: PathState
  readonly path: PathState
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'unarchive',
  id: ({ path, creates }) => posix.join(path, creates),
  probes: ({ path, creates }) => ({
    created: unfollowedProbe(posix.join(path, creates)),
    path: pathProbe(path, { digest: false }),
  }),
  diff({ what, path, options }, state): Change[] {
    if (certain(state.created).kind !== 'absent') return []
    if (resolved(certain(state.path)).kind !== 'directory') {
      throw new TsplayError('OPTIONS', `${what}: ${path} is no directory`, {
        hint: `make it first: await host.ensure(directory({ path: ${JSON.stringify(path)} }))`,
      })
    }
    return [{ field: 'unpacked', before: undefined, after: nameOf(options) }]
  },
  apply({ what, path, creates, options, content }) {
    const { stripComponents = 0, timeoutMs, url } = options
    const archive = options.hostPath ?? posix.join(path, `.tsplay-archive-${sha256(creates).slice(0, 12)}`)
    const { owner, group } = wantedOwnership(what, ownershipOf(options))
    const isZip = (options.format ?? (/\.(?:zip|jar|war)$/i.test(nameOf(options)) ? 'zip' : 'tar')) === 'zip'
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    const digest = url === undefined ? undefined : checkedSha256(what, options)
    const rest = { fileMode: options.fileMode, directoryMode: options.directoryMode, owner, group }
    const unpack = { archive, temporary: options.hostPath === undefined, path, creates, strip: stripComponents, isZip }
    return [
      ...(content === undefined ? [] : [{ upload: content, to: archive, mode: '0600' }]),
      ...(url === undefined
        ? []
        : [
            {
              script: downloadScript({
                url,
                path: archive,
                sha256: digest,
                mode: '0600',
                owner: undefined,
                group: undefined,
              }),
              ...limit,
            },
          ]),
      { script: unarchiveScript({ ...unpack, ...rest }), ...limit },
    ]
  },
  after: (_, state) => ({ ...state, created: unknown('what the archive holds') }),
  opaque: () => true,
  out: ({ path }) => ({ path }),
})

const nameOf = ({ source, hostPath, url }: UnarchiveOptions): string => source ?? hostPath ?? url ?? ''

const ownershipOf = ({ owner, group }: UnarchiveOptions) => ({
  ...(owner === undefined ? {} : { owner }),
  ...(group === undefined ? {} : { group }),
})

/**
 * What is in an archive, in a directory of the host: tar (gzip, bzip2, xz, zstd) or zip, from the control machine, from the host,
 * or from an address by its SHA-256. It is unpacked aside and moved in, what `creates` names last; so a run that was cut
 * is done again, and a host where that is there is left alone. Nothing is removed. Needs tar on the host, or for zip one
 * of unzip, bsdtar and python3.
 * @example
 * await host.ensure(unarchive({
 *   url: 'https://example.com/app-1.2.tar.gz', path: '/opt', creates: 'app-1.2/bin/app', owner: 'root',
 *   sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
 * }))
 */
export function unarchive(options: UnarchiveOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const what = `unarchive into ${path}`
  const refuse = (why: string) => new TsplayError('OPTIONS', `${what}: ${why}`)
  const places = [options.source, options.hostPath, options.url].filter((place) => place !== undefined)
  if (places.length !== 1) throw refuse('exactly one of source, hostPath and url is needed')
  const creates = posix.normalize(certain(options.creates)).replace(/\/$/, '')
  if (/^(?:\/|\.\.(?:\/|$)|\.?$)/.test(creates) || /[\0\r\n]/.test(creates)) {
    throw refuse(`creates has to be a path below ${path}, not ${JSON.stringify(options.creates)}`)
  }
  const { stripComponents = 0, fileMode, directoryMode } = options
  if (!Number.isInteger(stripComponents) || stripComponents < 0) throw refuse('stripComponents has to be 0 or more')
  for (const mode of [fileMode, directoryMode]) if (mode !== undefined) wantedOwnership(what, { mode })
  wantedOwnership(what, ownershipOf(options))
  if (options.url !== undefined) {
    checkedUrl(what, options.url)
    checkedSha256(what, options)
  }
  if (options.hostPath !== undefined) absolutePath(options.hostPath)
  const content = options.source === undefined ? undefined : localContent(what, options.source)
  return definition({ what, path, creates, options, content })
}
