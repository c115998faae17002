import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { pathProbe } from '../../../runner/model/facts-of/path.ts'
import { absolutePath, type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { quote } from '../../../runner/model/quote.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import { certain, unknownReason } from '../../../runner/model/unknown.ts'
import { type AclEntry, type AclName, entryLabel, type ListedEntry, wantedEntry } from './acl-entry.ts'
import { type AclRequest, asListed, groupDigit, inOrder, listAfter, sameSubject } from './acl-list.ts'
import { aclProbe, type AclState, setfaclBelow, setfaclOptions } from './acl-state.ts'

export type { AclBase, AclEntry, AclName, AclPermissions } from './acl-entry.ts'

export type AclOptions = {
  /** Absolute path of a file or directory that is there. Symbolic links are followed. */
  readonly path: string
  /** Whether it is to hold for all that is in a directory too, however deep; links in it are left alone. @default false */
  readonly recursive?: boolean
} & (
  | {
      /** What users, groups and the mask may do, or those whose entries are to go. Needed, unless all are to be absent. */
      readonly entries: readonly [AclEntry, ...AclEntry[]]
      /** Whether all other entries that name a user or group are removed, and defaults that are not given. @default false */
      readonly exclusive?: boolean
      /** @default 'present' */
      readonly state?: 'present'
    }
  | {
      /** `absent`: the entries are removed; all that a mode can't say, where none are given. */
      readonly state: 'absent'
      readonly entries?: readonly [AclName, ...AclName[]]
      readonly exclusive?: never
    }
)

interface Wanted extends AclRequest {
  readonly what: string
  readonly path: string
  readonly recursive: boolean
}

interface State {
  readonly list: AclState
  readonly file: PathState
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'acl',
  id: ({ path }) => path,
  probes: (wanted) => ({
    list: aclProbe(wanted.path, wanted.recursive ? wanted : undefined),
    file: pathProbe(wanted.path, { digest: false }),
  }),
  diff(wanted, state): Change[] {
    if (!isThere(wanted, state)) return []
    const { entries, otherwise } = certain(state.list)
    const changes = entryChanges(entries, listAfter(entries, wanted, isDirectory(state)))
    return otherwise === 0
      ? changes
      : [...changes, { field: 'inside', before: `${otherwise} otherwise`, after: 'as asked' }]
  },
  apply(wanted, _, state) {
    const alone = `setfacl ${setfaclOptions(wanted)} -- ${quote(wanted.path)}`
    return [
      {
        script: wanted.recursive && isDirectory(state) ? setfaclBelow(wanted.path, wanted) : alone,
        hint: 'Does the play become root? Are there such users and groups? Does the file system carry the lists?',
      },
    ]
  },
  after(wanted, state) {
    if (!isThere(wanted, state)) return state
    const { list, file } = state
    const entries = inOrder(listAfter(list.entries, wanted, isDirectory(state)).map(asListed))
    const digit = groupDigit(entries)
    const found = resolved(file)
    if (found.kind === 'absent' || digit === undefined || unknownReason(found.mode) !== undefined)
      return { list: { ...list, entries, otherwise: 0 }, file }
    const changed = { ...found, mode: `${found.mode.slice(0, 2)}${digit}${found.mode.slice(3)}` }
    return {
      list: { ...list, entries, otherwise: 0 },
      file: file.kind === 'link' ? { ...file, resolved: changed } : changed,
    }
  },
  out: ({ path }) => ({ path }),
})

const isDirectory = ({ file }: State) => resolved(certain(file)).kind === 'directory'

/** Whether there is anything to look at; throws where it can't be done. */
function isThere({ what, path, entries, remove }: Wanted, state: State): boolean {
  const found = resolved(certain(state.file))
  if (found.kind === 'absent') {
    if (remove) return false
    throw new TsplayError('OPTIONS', `${what}: there is nothing at ${path}`, { hint: 'make it first' })
  }
  if (!certain(state.list).tools) {
    throw new TsplayError('COMMAND', `${what}: setfacl is not installed`, { hint: 'install the package acl first' })
  }
  if (found.kind !== 'directory' && !remove && entries.some(({ isDefault }) => isDefault)) {
    throw new TsplayError('OPTIONS', `${what}: only a directory has defaults`)
  }
  return true
}

function entryChanges(found: readonly ListedEntry[], after: readonly ListedEntry[]): Change[] {
  const gone = found
    .filter((entry) => !after.some((it) => sameSubject(entry, it)))
    .map((entry) => ({ field: entryLabel(entry), before: entry.permissions, after: undefined }))
  const set = after.flatMap((entry) => {
    const before = found.find((it) => sameSubject(entry, it))?.permissions
    return before === entry.permissions ? [] : [{ field: entryLabel(entry), before, after: entry.permissions }]
  })
  return [...set, ...gone]
}

/**
 * The POSIX access control list of a file or directory (acl(5)): what single users and groups may do beside the owner, the
 * owning group and others, and what new things in a directory begin with. Other entries stay, unless it is `exclusive`.
 *
 * With a list, the middle digit of a mode is the mask, the most that all named ones may do: a change here raises it to
 * what they need, and `file` or `directory` with a lower mode would take that away again. Give those the mode that
 * comes out, such as `2770`. Needs setfacl on the host (package acl) and a file system that carries the lists. The lists of
 * NFSv4 are others, and not set here.
 * @example
 * await host.ensure(acl({ path: '/srv/www', entries: [{ user: 'deploy', permissions: 'rwx' }] }))
 * await host.ensure(acl({
 *   path: '/srv/share', recursive: true,
 *   entries: [{ group: 'staff', permissions: 'rwX' }, { group: 'staff', permissions: 'rwX', default: true }],
 * }))
 */
export function acl(options: AclOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const what = `acl ${path.slice(0, 200)}`
  const { entries = [], recursive = false, exclusive = false } = options
  const remove = options.state === 'absent'
  const wanted = entries.map((entry: AclEntry | AclName) => wantedEntry(what, entry))
  const refuse = (why: string) => new TsplayError('OPTIONS', `${what}: ${why}`)
  if (!remove && wanted.length === 0) throw refuse('entries are needed')
  if (wanted.some(({ permissions }) => (permissions === undefined) !== remove))
    throw refuse(remove ? 'entries that are to go have no permissions' : 'permissions are needed')
  const twice = wanted.find((entry, i) => wanted.findIndex((it) => sameSubject(entry, it)) !== i)
  if (twice) throw refuse(`${entryLabel(twice)} is given twice`)
  return definition({ what, path, entries: wanted, recursive, remove, clear: exclusive || (remove && !wanted.length) })
}
