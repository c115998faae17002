import { TsplayError } from '../../../runner/model/errors.ts'
import { certain } from '../../../runner/model/unknown.ts'

/** What may be done: read, write, and run or enter; `X` is `x` for directories and for files that somebody may run. */
export type AclPermissions = `${'r' | '-'}${'w' | '-'}${'x' | 'X' | '-'}`

/** A user or a group by name or number, beside the owner and the owning group. */
export type AclName = (
  | {
      /** A user's name, or a uid. */
      readonly user: string | number
      readonly group?: never
    }
  | {
      /** In place of `user`: a group's name, or a gid. */
      readonly group: string | number
      readonly user?: never
    }
) & {
  readonly of?: never
  /** What new things in a directory begin with, in place of what holds for itself. @default false */
  readonly default?: boolean
}

/** Those that every list has. What they may do with the thing itself is its mode, so only the mask is set here. */
export type AclBase = { readonly user?: never; readonly group?: never } & (
  | {
      /** In place of `user` and `group`: the most that all but owner and others may do. */
      readonly of: 'mask'
      readonly default?: boolean
    }
  | { readonly of: 'owner' | 'owningGroup' | 'other'; readonly default: true }
)

export type AclEntry = (AclName | AclBase) & {
  /** Three characters: `r-x`, `rw-`, `rwX`. */
  readonly permissions: AclPermissions
}

export type AclTag = 'user' | 'group' | 'mask' | 'other'

/** An entry as it is in a list: `name` is empty for the owner, the owning group, the mask and others. */
export interface ListedEntry {
  readonly isDefault: boolean
  readonly tag: AclTag
  readonly name: string
  /** The number of the user or group, where it is known. */
  readonly id?: string
  readonly permissions: string
}

/** An entry that is asked for; without permissions it is not to be. */
export interface WantedEntry extends Omit<ListedEntry, 'permissions'> {
  readonly permissions?: string
}

const bases = {
  mask: 'mask',
  owner: 'user',
  owningGroup: 'group',
  other: 'other',
} as const

/** The entry as it would be listed. Throws `TsplayError('OPTIONS')`. */
export function wantedEntry(what: string, entry: AclEntry | (AclName & { readonly permissions?: never })): WantedEntry {
  const refuse = (why: string) => new TsplayError('OPTIONS', `${what}: ${why}`)
  const { user, group, of, permissions } = entry
  if ([user, group, of].filter((it) => it !== undefined).length !== 1) throw refuse('an entry is of one user or group')
  if (permissions !== undefined && !/^[r-][w-][xX-]$/.test(certain(permissions))) {
    throw refuse(`permissions are three characters such as r-x, not ${JSON.stringify(permissions)}`)
  }
  const isDefault = entry.default === true
  const may = permissions === undefined ? {} : { permissions }
  if (of !== undefined) {
    if (of !== 'mask' && !isDefault) throw refuse(`what ${of} may do is the mode: set it by file or directory`)
    return { isDefault, tag: bases[of], name: '', ...may }
  }
  const name = certain(user ?? group)
  const isNumber = typeof name === 'number' && Number.isSafeInteger(name) && name >= 0
  if (!isNumber && !/^[^\s:/\0-][^\s:/\0]{0,255}$/.test(String(name))) {
    throw refuse(`${JSON.stringify(String(name).slice(0, 80))} is no name of a user or group, and no number`)
  }
  return { isDefault, tag: user === undefined ? 'group' : 'user', name: String(name), ...may }
}

/** Names of directory services may hold what separates entries: acl's own tools take such bytes in octal. */
const escaped = (name: string) =>
  [...Buffer.from(name)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[\w.@+-]/.test(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`
    })
    .join('')

/** As setfacl(1) takes it. */
export const entryText = ({ isDefault, tag, name, permissions }: WantedEntry): string =>
  `${isDefault ? 'd:' : ''}${tag}:${escaped(name)}${permissions === undefined ? '' : `:${permissions}`}`

/** What getfacl(1) prints, twice: with names, and with numbers. */
export function listedEntries(named: string, numbered: string): ListedEntry[] {
  const entry = /^(default:)?(user|group|mask|other):([^:]*):([r-][w-][x-])/
  const [byName, byNumber] = [named, numbered].map((text) => text.split('\n').filter((line) => entry.test(line)))
  return (byName ?? []).map((line, i) => {
    const [, isDefault, tag, name = '', permissions = ''] = entry.exec(line) ?? []
    const id = entry.exec(byNumber?.[i] ?? '')?.[3] ?? ''
    return {
      isDefault: isDefault !== undefined,
      tag: tag as AclTag,
      name: unescaped(name),
      ...(id === '' ? {} : { id }),
      permissions,
    }
  })
}

const unescaped = (name: string) => {
  const bytes = name.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
  return bytes === name ? name : Buffer.from(bytes, 'latin1').toString()
}

/** How changes name an entry: `user deploy`, `default owning group`, `mask`. */
export function entryLabel({ isDefault, tag, name }: WantedEntry): string {
  const base = { user: 'owner', group: 'owning group', mask: 'mask', other: 'others' }[tag]
  return `${isDefault ? 'default ' : ''}${name === '' ? base : `${tag} ${name}`}`
}
