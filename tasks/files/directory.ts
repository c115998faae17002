import type { Change } from '../../runner/model/change.ts'
import { ancestorProbe, pathProbe } from '../../runner/model/facts-of/path.ts'
import { absolutePath, type DirectoryState, type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown, unknownReason } from '../../runner/model/unknown.ts'
import {
  newOwnership,
  ownershipAfter,
  type OwnershipOptions,
  ownershipChanges,
  ownershipScript,
  unknownOwnership,
  wantedOwnership,
  type WantedOwnership,
} from './ownership.ts'
import { checkParent, parentOf, wrongKind } from './place.ts'
import {
  nothingInside,
  treeChanges,
  type TreeOwnershipOptions,
  treeProbe,
  treeScript,
  type TreeState,
  type WantedTree,
  wantedTree,
} from './tree-ownership.ts'

export type { TreeOwnershipOptions } from './tree-ownership.ts'

export interface DirectoryOptions extends OwnershipOptions {
  /** Absolute path on the host. */
  readonly path: string
  /** What is to hold for all that is in it, however deep. Reads the whole tree in each run. @default nothing */
  readonly recursive?: TreeOwnershipOptions
}

export interface DirectoryOut {
  readonly path: string
}

interface Wanted extends WantedOwnership {
  readonly path: string
  readonly what: string
  readonly recursive: WantedTree | undefined
}

type Paths = Readonly<Record<string, PathState>>

/** By path: the directory itself and all that are above it. And all that is in it. */
type State = Readonly<Record<`/${string}`, PathState>> & { readonly inside?: TreeState }

/** Every key of a state that is a path; absolute ones alone are asked for. */
const pathsOf = (state: State): Paths => state as Paths

const definition = resource<Wanted, State, DirectoryOut>({
  kind: 'directory',
  id: ({ path }) => path,
  probes: ({ path, recursive }) => ({
    ...Object.fromEntries<Probe<PathState>>([
      [path, pathProbe(path, { digest: false })],
      ...ancestorsOf(path).map((above): [string, Probe<PathState>] => [above, ancestorProbe(above, path)]),
    ]),
    ...(recursive === undefined ? {} : { inside: treeProbe(path, recursive) }),
  }),
  diff(wanted, state): Change[] {
    const found = existing(wanted, pathsOf(state))
    const created: Change[] = found ? [] : [{ field: 'state', before: undefined, after: 'directory' }]
    const { recursive } = wanted
    const inside = recursive && found ? treeChanges(recursive, certain(state.inside) ?? nothingInside) : []
    return [...created, ...ownershipChanges(wanted, found), ...inside]
  },
  apply(wanted, changes, whole) {
    const state = pathsOf(whole)
    const found = existing(wanted, state)
    const { path } = wanted
    const lines = ['set -e', 'umask 022']
    if (!found) {
      const parent = parentOf(path)
      if (isAbsent(state[parent])) lines.push(`mkdir -p ${quote(parent)}`)
      lines.push(wanted.mode === undefined ? `mkdir ${quote(path)}` : `mkdir -m ${wanted.mode} ${quote(path)}`)
    }
    const inside = wanted.recursive && found ? treeScript(path, wanted.recursive) : []
    return [{ script: [...lines, ...ownershipScript(path, wanted, changes, found), ...inside].join('\n') }]
  },
  after(wanted, whole) {
    const inside = wanted.recursive === undefined ? {} : { inside: nothingInside }
    return { ...pathsAfter(wanted, pathsOf(whole)), ...inside }
  },
  out: ({ path }) => ({ path }),
})

function pathsAfter(wanted: Wanted, state: Paths): Paths {
  const { path } = wanted
  const at = state[path] as PathState
  const reason = unknownReason(at)
  // Whatever is there, a directory will be.
  if (reason !== undefined)
    return { ...state, [path]: { kind: 'directory', ...ownershipAfter(wanted, unknownOwnership(reason)) } }
  const found = existing(wanted, state)
  const made = inherited(path, state)
  const directory: DirectoryState = { kind: 'directory', ...ownershipAfter(wanted, found ?? made) }
  const after: Record<string, PathState> = {
    ...state,
    [path]: at.kind === 'link' ? { ...at, resolved: directory } : directory,
  }
  if (!found) for (const above of ancestorsOf(path)) if (isAbsent(state[above])) after[above] = made
  return after
}

/** From the parent up to the root. */
function ancestorsOf(path: string): string[] {
  const above: string[] = []
  for (let at = path; at !== '/';) above.push((at = parentOf(at)))
  return above
}

const isAbsent = (state: PathState | undefined) => state !== undefined && certain(state).kind === 'absent'

/** The directory that is there; throws where something else is, there or above. */
function existing({ path, what }: Wanted, state: Paths): DirectoryState | undefined {
  const at = certain(state[path] as PathState)
  const found = resolved(at)
  if (found.kind === 'directory') return found
  if (found.kind !== 'absent') throw wrongKind(what, found, 'take it away first with absent(), or choose another path')
  if (at.kind === 'link') throw wrongKind(what, at, `it leads to nothing: make ${at.target} first, or remove the link`)
  let below = path
  for (const above of ancestorsOf(path)) {
    if (!isAbsent(state[above])) {
      checkParent(what, below, state[above] as PathState)
      break
    }
    below = above
  }
  return undefined
}

/** A new directory: below one with the set-group-id bit, it takes over that bit and the group (mkdir(2)). */
function inherited(path: string, state: Paths): DirectoryState {
  const above = ancestorsOf(path).find((ancestor) => !isAbsent(state[ancestor]))
  const nearest = above === undefined ? undefined : resolved(state[above] as PathState)
  const fresh = { kind: 'directory', ...newOwnership('0755') } as const
  if (nearest?.kind !== 'directory') return fresh
  const reason = unknownReason(nearest.mode)
  if (reason !== undefined) return { ...fresh, mode: unknown(reason) }
  const setgid = (parseInt(nearest.mode, 8) & 0o2000) !== 0
  return setgid ? { ...fresh, mode: '2755', group: nearest.group, gid: nearest.gid } : fresh
}

/**
 * A directory, with its mode and owner. Directories above it that are missing are made with mode `0755`; those that
 * exist are left alone. A new directory has mode `0755` unless another is given. A symbolic link to a directory is one.
 * @example
 * await host.ensure(directory({ path: '/srv/app/releases', owner: 'deploy', group: 'deploy', mode: '2775' }))
 * await host.ensure(directory({ path: '/srv/app/data', owner: 'app', recursive: { owner: 'app', fileMode: '0640' } }))
 */
export function directory(options: DirectoryOptions): Resource<DirectoryOut> {
  const path = absolutePath(options.path)
  const what = `directory ${path}`
  const recursive = options.recursive && wantedTree(what, options.recursive)
  return definition({ path, what, recursive, ...wantedOwnership(what, options) })
}
