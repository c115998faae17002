import { unknown, unknownReason } from '../../../runner/model/unknown.ts'
import type { ListedEntry, WantedEntry } from './acl-entry.ts'

/** What setfacl(1) is asked to make of a list. */
export interface AclRequest {
  readonly entries: readonly WantedEntry[]
  /** Whether they are to go. */
  readonly remove: boolean
  /** Whether everything goes first that a mode can't say. */
  readonly clear: boolean
}

export const sameSubject = (wanted: WantedEntry, found: WantedEntry): boolean =>
  wanted.isDefault === found.isDefault &&
  wanted.tag === found.tag &&
  (wanted.name === found.name || (wanted.name !== '' && wanted.name === found.id))

/** The list that comes of it, as setfacl(1) makes it: the mask is what all named ones and the owning group may do, unless it is given. */
export function listAfter(found: readonly ListedEntry[], request: AclRequest, isDirectory: boolean): ListedEntry[] {
  const access = sideAfter(found, request, false, isDirectory)
  return [...access, ...sideAfter(found, request, true, isDirectory, access)]
}

function sideAfter(
  found: readonly ListedEntry[],
  { entries, remove, clear }: AclRequest,
  isDefault: boolean,
  isDirectory: boolean,
  access: readonly ListedEntry[] = [],
): ListedEntry[] {
  const side = found.filter((entry) => entry.isDefault === isDefault)
  const wanted = entries.filter((entry) => entry.isDefault === isDefault)
  const base = isDefault ? [] : cleared(side)
  const start = clear ? base : side
  if (wanted.length === 0) return start
  const kept = start.filter((entry) => !wanted.some((it) => sameSubject(it, entry)))
  if (remove) return kept.length === start.length ? kept : masked(kept, wanted)
  const runs = isDirectory || start.some(({ tag, permissions }) => tag !== 'mask' && permissions.endsWith('x'))
  const made = wanted.map(({ permissions = '---', ...entry }): ListedEntry => {
    const known = side.find((it) => sameSubject(entry, it))
    return { ...(known ?? entry), permissions: permissions.replace('X', runs ? 'x' : '-') }
  })
  const missing = isDefault ? inheritedBase(access, [...kept, ...made]) : []
  return masked([...kept, ...made, ...missing], wanted)
}

/** What a mode can say. The owning group keeps what the mask had left of it. */
function cleared(access: readonly ListedEntry[]): ListedEntry[] {
  const mask = access.find(({ tag }) => tag === 'mask')?.permissions ?? 'rwx'
  const limited = (permissions: string) =>
    permissions.replaceAll(/[rwx]/g, (char) => (mask.includes(char) ? char : '-'))
  return access
    .filter(({ name, tag }) => name === '' && tag !== 'mask')
    .map((entry) => (entry.tag === 'group' ? { ...entry, permissions: limited(entry.permissions) } : entry))
}

/** A new list of defaults begins with what owner, owning group and others may do with the directory. */
const inheritedBase = (access: readonly ListedEntry[], there: readonly ListedEntry[]): ListedEntry[] =>
  access
    .filter(({ name, tag }) => name === '' && tag !== 'mask')
    .map((entry) => ({ ...entry, isDefault: true }))
    .filter((entry) => !there.some((it) => sameSubject(entry, it)))

function masked(entries: readonly ListedEntry[], wanted: readonly WantedEntry[]): ListedEntry[] {
  const isGiven = wanted.some(({ tag, permissions }) => tag === 'mask' && permissions !== undefined)
  const needsMask = entries.some(({ name, tag }) => name !== '' || tag === 'mask')
  if (isGiven || !needsMask) return [...entries]
  const limited = entries.filter(({ name, tag }) => name !== '' || tag === 'group')
  const permissions = ['r', 'w', 'x'].map((char) => (limited.some((it) => it.permissions.includes(char)) ? char : '-'))
  const isDefault = entries[0]?.isDefault ?? false
  return [
    ...entries.filter(({ tag }) => tag !== 'mask'),
    { isDefault, tag: 'mask', name: '', permissions: permissions.join('') },
  ]
}

const order = ['user', 'group', 'mask', 'other']

/** In one order, whatever that of the host's numbers is. */
export const inOrder = (entries: readonly ListedEntry[]): ListedEntry[] => {
  const key = ({ isDefault, tag, name, id }: ListedEntry) =>
    `${isDefault ? 1 : 0}${order.indexOf(tag)}${unknownReason(name) === undefined ? name : (id ?? '')}`
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** As it will be listed: the number of a new name, or the name of a new number, is the host's to say. */
export function asListed(entry: ListedEntry): ListedEntry {
  if (entry.name === '' || entry.id !== undefined) return entry
  return /^\d+$/.test(entry.name)
    ? { ...entry, name: unknown(`the name that ${entry.name} has on the host`), id: entry.name }
    : { ...entry, id: unknown(`the number that ${entry.name} has on the host`) }
}

/** The digit of a mode that a list gives the group: that of the mask, where there is one. */
export function groupDigit(entries: readonly ListedEntry[]): string | undefined {
  const of = (tag: string) => entries.find((entry) => !entry.isDefault && entry.tag === tag && entry.name === '')
  const text = (of('mask') ?? of('group'))?.permissions
  return text === undefined
    ? undefined
    : String(text.split('').reduce((sum, char, i) => sum + (char === '-' ? 0 : 4 >> i), 0))
}
