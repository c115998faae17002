import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { ancestorProbe, pathProbe } from '../../../runner/model/facts-of/path.ts'
import {
  absolutePath,
  type DirectoryState,
  pathFact,
  type PathState,
  resolved,
} from '../../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import type { TreeAction } from '../../../runner/model/step.ts'
import { certain, unknown } from '../../../runner/model/unknown.ts'
import { newOwnership, ownershipAfter, type OwnershipOptions, ownershipChanges, wantedOwnership } from '../ownership.ts'
import { checkParent, parentOf, wrongKind } from '../place.ts'
import { type FoundEntry, type Inside, insideProbe } from './inside.ts'
import { type Difference, differences, type WantedInside } from './plan.ts'
import { byPath, excluded, sourceEntries } from './source.ts'

export interface TreeOptions extends Omit<OwnershipOptions, 'mode'> {
  /** A directory of the control machine, relative to the file that names it. */
  readonly source: string
  /** Absolute path on the host of the directory that is to hold what is in `source`. Its parent has to be there. */
  readonly path: string
  /** Of files that their owner may not run here. Four octal digits in a string. @default '0644' */
  readonly fileMode?: string
  /** Of files that their owner may run here. @default '0755' */
  readonly executableMode?: string
  /** Of directories. @default '0755' for new ones; those that are there keep theirs */
  readonly directoryMode?: string
  /**
   * Globs of what is neither copied nor removed: without a slash a name at any depth (`*.bak`, `node_modules`), with one a
   * path below `source` (`/build`, `docs/*.md`). @default nothing
   */
  readonly exclude?: readonly string[]
  /** Whether what is in the directory on the host and not in `source` is removed. @default false */
  readonly removeExtras?: boolean
}

interface Wanted extends WantedInside {
  readonly path: string
}

interface State {
  readonly root: PathState
  readonly parent: PathState
  readonly inside: Inside
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'tree',
  id: ({ path }) => path,
  probes: ({ path, source, removeExtras }) => ({
    root: pathProbe(path, { digest: false }),
    parent: ancestorProbe(parentOf(path), path),
    inside: insideProbe(path, removeExtras ? 'all' : source.map((entry) => entry.path)),
  }),
  diff(wanted, state): Change[] {
    const found = existing(wanted, state)
    const made: Change[] = found ? [] : [{ field: 'state', before: undefined, after: 'directory' }]
    const rights = ownershipChanges(rootOwnership(wanted, found !== undefined), found)
    return [...made, ...rights, ...inside(wanted, state).flatMap(({ changes }) => changes)]
  },
  apply(wanted, _, state) {
    const found = existing(wanted, state)
    const { path: to, owner, group, directoryMode } = wanted
    const rights = ownershipChanges(rootOwnership(wanted, found !== undefined), found).length > 0
    const mode = directoryMode === undefined ? {} : { mode: directoryMode }
    const own: TreeAction[] = rights ? [{ kind: 'attributes', path: '.', ...mode }] : []
    return [
      {
        tree: [...own, ...inside(wanted, state).flatMap(({ actions }) => actions)],
        to,
        rootMode: directoryMode ?? '0755',
        ...(owner === undefined ? {} : { owner }),
        ...(group === undefined ? {} : { group }),
      },
    ]
  },
  after(wanted, state) {
    const found = existing(wanted, state)
    const { root } = state
    const start = found ?? { kind: 'directory', ...newOwnership('0755') }
    const directory: DirectoryState = {
      kind: 'directory',
      ...ownershipAfter(rootOwnership(wanted, found !== undefined), start),
    }
    const entries = new Map((found ? state.inside : []).map((entry) => [entry.path, entry]))
    for (const { path, after } of inside(wanted, state)) {
      if (after === undefined) entries.delete(path)
      else entries.set(path, after)
    }
    return {
      ...state,
      root: root.kind === 'link' ? { ...root, resolved: directory } : directory,
      inside: [...entries.values()].toSorted(byPath),
    }
  },
  effects: (wanted, state) =>
    inside(wanted, state).map(({ path, after }) => ({
      fact: pathFact(`${wanted.path}/${path}`),
      value: stateOf(after),
    })),
  out: ({ path }) => ({ path }),
})

/** The directory that is there; throws where something else is, there or above. */
function existing({ what, path }: Wanted, state: State): DirectoryState | undefined {
  const at = certain(state.root)
  const found = resolved(at)
  if (found.kind === 'directory') return found
  if (found.kind !== 'absent' || at.kind === 'link') throw wrongKind(what, at, 'path is that of a directory')
  checkParent(what, path, state.parent)
  return undefined
}

function rootOwnership({ owner, group, directoryMode }: Wanted, isThere: boolean) {
  const mode = directoryMode ?? (isThere ? undefined : '0755')
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(mode === undefined ? {} : { mode }),
  }
}

/** Where the directory is new, or was taken away before it was made again, nothing is in it. */
const inside = (wanted: Wanted, state: State): Difference[] => {
  const found = certain(state.inside)
  return differences(wanted, existing(wanted, state) && Array.isArray(found) ? found : [])
}

/** What a probe of the path would say. */
function stateOf(entry: FoundEntry | undefined): PathState {
  if (entry === undefined) return { kind: 'absent' }
  const { path, ...state } = entry
  if (state.kind === 'file' || state.kind === 'directory') return state
  return state.kind === 'link'
    ? { kind: 'link', target: state.target, resolved: unknown(`what is at the end of the link ${path}`) }
    : { ...state, what: 'unknown type' }
}

/**
 * What is in a directory of the control machine, on the host. Only files that differ travel, together as one stream, and
 * each takes its place at once. Symbolic links are copied as links. Check mode names each file that differs; a directory
 * that is as it should be costs one round trip, in which the host digests the files. Needs `tar` on the host.
 * @example
 * await host.ensure(tree({
 *   source: 'site', path: '/srv/www', owner: 'www-data', exclude: ['*.map', '/drafts'], removeExtras: true,
 * }), { onChange: reload('nginx') })
 */
export function tree(options: TreeOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const what = `tree ${path}`
  const {
    fileMode = '0644',
    executableMode = '0755',
    directoryMode,
    exclude = [],
    removeExtras = false,
    ...rest
  } = options
  if (path === '/' && removeExtras)
    throw new TsplayError('OPTIONS', `${what}: removeExtras would empty the whole system`)
  const { owner, group } = wantedOwnership(what, rest)
  for (const mode of [fileMode, executableMode, directoryMode ?? '0755']) wantedOwnership(what, { mode })
  const isExcluded = excluded(what, exclude)
  return definition({
    what,
    path,
    source: sourceEntries(what, options.source, isExcluded),
    fileMode,
    executableMode,
    directoryMode,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    removeExtras,
    excluded: isExcluded,
  })
}
