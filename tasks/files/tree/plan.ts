import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import type { Ownership } from '../../../runner/model/facts-of/path-state.ts'
import type { TreeAction } from '../../../runner/model/step.ts'
import { newOwnership, ownershipAfter, ownershipChanges, type WantedOwnership } from '../ownership.ts'
import { unknown } from '../../../runner/model/unknown.ts'
import type { FoundEntry, Inside } from './inside.ts'
import { byPath, type Excluded, type SourceEntry } from './source.ts'

export interface WantedInside {
  readonly what: string
  readonly source: readonly SourceEntry[]
  readonly fileMode: string
  readonly executableMode: string
  /** `undefined`: directories that are there keep theirs. */
  readonly directoryMode: string | undefined
  readonly owner?: string
  readonly group?: string
  readonly removeExtras: boolean
  readonly excluded: Excluded
}

/** One thing that differs: what is told, what is done, and what is there afterwards. */
export interface Difference {
  readonly path: string
  readonly changes: readonly Change[]
  readonly actions: readonly TreeAction[]
  /** `undefined`: nothing. */
  readonly after: FoundEntry | undefined
}

/** A link's own mode means nothing. */
const linkMode = '0777'

/** All that differs: first what is too much, deepest first, then the rest, parents first. */
export function differences(wanted: WantedInside, inside: Inside): Difference[] {
  const found = new Map(inside.map((entry) => [entry.path, entry]))
  const extras = wanted.removeExtras ? extrasIn(wanted, inside) : []
  const differing = wanted.source.flatMap((entry) => differenceOf(wanted, entry, found.get(entry.path)) ?? [])
  return [...extras, ...differing]
}

function extrasIn({ source, excluded }: WantedInside, inside: Inside): Difference[] {
  const wanted = new Set(source.map(({ path }) => path))
  const kept = new Set<string>()
  // What is left out is left alone, and so are the directories that it is in.
  for (const { path } of inside) if (isExcluded(excluded, path)) for (const above of upwards(path)) kept.add(above)
  return inside
    .filter(({ path }) => !wanted.has(path) && !kept.has(path))
    .toSorted((a, b) => byPath(b, a))
    .map(({ path, kind }) => ({
      path,
      changes: [{ field: path, before: kind, after: undefined }],
      actions: [{ kind: 'remove', path }],
      after: undefined,
    }))
}

/** A file or a link takes the place of the other at once. */
const isReplaceable = (found: FoundEntry, wanted: SourceEntry['kind'] | undefined) =>
  wanted !== undefined && wanted !== 'directory' && (found.kind === 'file' || found.kind === 'link')

const isExcluded = (excluded: Excluded, path: string) => upwards(path).some((above) => excluded(above))

const upwards = (path: string): string[] => path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))

function differenceOf(wanted: WantedInside, entry: SourceEntry, at: FoundEntry | undefined): Difference | undefined {
  const { path } = entry
  const blocked = inTheWay(wanted, entry, at)
  const found = blocked ? undefined : at
  const ownership = wantedOf(wanted, entry, found)
  const same = isSame(entry, found)
  const rights = ownershipChanges(ownership, same ? found : undefined)
  if (same && rights.length === 0) return undefined
  const named = rights.map((change) => ({ ...change, field: `${path} ${change.field}` }))
  const start: Ownership =
    same && found ? found : found?.kind === 'file' && entry.kind === 'file' ? found : newOwnership('0644')
  const after = { ...ownershipAfter(ownership, start), ...entered(entry) }
  if (same) {
    const mode = ownership.mode === undefined ? {} : { mode: ownership.mode }
    return { path, changes: named, actions: [{ kind: 'attributes', path, ...mode }], after }
  }
  const told = { field: path, before: at && described(at), after: described(after) }
  const action = actionOf(entry, ownership.mode ?? '0755')
  return { path, changes: [told], actions: blocked ? [{ kind: 'remove', path }, action] : [action], after }
}

/** Something of another kind is there, which nothing can be renamed onto. */
function inTheWay({ what, removeExtras }: WantedInside, entry: SourceEntry, found: FoundEntry | undefined): boolean {
  if (found === undefined || found.kind === entry.kind || isReplaceable(found, entry.kind)) return false
  if (entry.kind === 'directory' && found.kind === 'link' && found.toDirectory && !removeExtras) return false
  if (removeExtras) return true
  throw new TsplayError('OPTIONS', `${what}: ${entry.path} is a ${found.kind} on the host, and a ${entry.kind} here`, {
    hint: 'take it away first with absent(), or say removeExtras',
  })
}

function wantedOf(wanted: WantedInside, entry: SourceEntry, found: FoundEntry | undefined): WantedOwnership {
  const { owner, group } = wanted
  const names = { ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) }
  if (entry.kind === 'link') return names
  if (entry.kind === 'file') return { ...names, mode: entry.executable ? wanted.executableMode : wanted.fileMode }
  // A link to a directory is somebody else's to look after.
  if (found?.kind === 'link') return {}
  const mode = wanted.directoryMode ?? (found ? undefined : '0755')
  return { ...names, ...(mode === undefined ? {} : { mode }) }
}

function isSame(entry: SourceEntry, found: FoundEntry | undefined): boolean {
  if (found === undefined) return false
  switch (entry.kind) {
    case 'directory':
      return found.kind === 'directory' || (found.kind === 'link' && found.toDirectory)
    case 'link':
      return found.kind === 'link' && found.target === entry.target
    case 'file':
      return found.kind === 'file' && found.sha256 === entry.sha256
  }
}

function entered(entry: SourceEntry) {
  const { path } = entry
  if (entry.kind === 'file') return { path, kind: entry.kind, size: entry.size, sha256: entry.sha256 } as const
  return entry.kind === 'link'
    ? ({
        path,
        kind: entry.kind,
        target: entry.target,
        mode: linkMode,
        toDirectory: unknown<boolean>('where it leads'),
      } as const)
    : ({ path, kind: entry.kind } as const)
}

function described(entry: FoundEntry): string {
  if (entry.kind === 'file') return `${entry.size} bytes, sha256 ${entry.sha256}`
  return entry.kind === 'link' ? `link to ${entry.target}` : entry.kind
}

function actionOf(entry: SourceEntry, mode: string): TreeAction {
  const { path } = entry
  if (entry.kind === 'link') return { kind: 'link', path, target: entry.target }
  if (entry.kind === 'directory') return { kind: 'directory', path, mode }
  return { kind: 'file', path, mode, localPath: entry.localPath, size: entry.size }
}
