import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Ownership } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'

/** Who may do what with it. What is left out stays as it is. */
export interface OwnershipOptions {
  /** Four octal digits in a string: `'0644'`. */
  readonly mode?: string
  /** A user's name, or a uid. */
  readonly owner?: string | number
  /** A group's name, or a gid. */
  readonly group?: string | number
}

/** The same, checked, and as text. */
export interface WantedOwnership {
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

/** Checks mode, owner and group. Throws `TsplayError('OPTIONS')`; `what` names the thing: `file /etc/motd`. */
export function wantedOwnership(what: string, { mode, owner, group }: OwnershipOptions): WantedOwnership {
  return {
    ...(mode === undefined ? {} : { mode: checkedMode(what, mode) }),
    ...(owner === undefined ? {} : { owner: checkedName(what, 'owner', owner) }),
    ...(group === undefined ? {} : { group: checkedName(what, 'group', group) }),
  }
}

function checkedMode(what: string, mode: unknown): string {
  if (typeof mode === 'string' && /^[0-7]{4}$/.test(certain(mode))) return mode
  const hint = "write the octal digits in quotes, all four of them: '0644', '0755', '2770'"
  throw new TsplayError(
    'OPTIONS',
    `${what}: mode has to be four octal digits in a string, not ${JSON.stringify(mode)}`,
    {
      hint,
    },
  )
}

/** Names as useradd and directory services have them: no white space, colon, slash or NUL, no leading dash. */
function checkedName(what: string, field: 'owner' | 'group', name: unknown): string {
  if (typeof name === 'number' && Number.isSafeInteger(name) && name >= 0) return String(name)
  if (typeof name === 'string' && /^[^\s:/\0-][^\s:/\0]*$/.test(certain(name))) return name
  throw new TsplayError('OPTIONS', `${what}: ${field} has to be a name or a number, not ${JSON.stringify(name)}`)
}

/** What differs; everything that is asked for does where there is nothing yet. */
export function ownershipChanges(wanted: WantedOwnership, found: Ownership | undefined): Change[] {
  const changes: Change[] = []
  if (wanted.mode !== undefined && certain(found?.mode) !== wanted.mode) {
    changes.push({ field: 'mode', before: found?.mode, after: wanted.mode })
  }
  for (const [field, id] of [
    ['owner', 'uid'],
    ['group', 'gid'],
  ] as const) {
    const name = wanted[field]
    if (name === undefined) continue
    const same = found && (isId(name) ? certain(found[id]) === Number(name) : certain(found[field]) === name)
    if (!same) changes.push({ field, before: found?.[field], after: name })
  }
  return changes
}

const isId = (name: string) => /^\d+$/.test(name)

/** The ownership that `wanted` leads to; `start` is what a thing has that nothing is asked of. */
export function ownershipAfter(wanted: WantedOwnership, start: Ownership): Ownership {
  const owner = subjectAfter(wanted.owner, start.owner, start.uid)
  const group = subjectAfter(wanted.group, start.group, start.gid)
  return { mode: wanted.mode ?? start.mode, owner: owner.name, uid: owner.id, group: group.name, gid: group.id }
}

/** A name that differs has a number that nobody has asked for, and the other way round. */
function subjectAfter(wanted: string | undefined, name: string, id: number): { name: string; id: number } {
  if (wanted === undefined || wanted === name || (isId(wanted) && Number(wanted) === id)) return { name, id }
  return isId(wanted)
    ? { name: unknown(`the name that ${wanted} has on the host`), id: Number(wanted) }
    : { name: wanted, id: unknown(`the number that ${wanted} has on the host`) }
}

/** An ownership of which nothing is known. */
export const unknownOwnership = (reason: string): Ownership => ({
  mode: unknown(reason),
  owner: unknown(reason),
  group: unknown(reason),
  uid: unknown(reason),
  gid: unknown(reason),
})

/** The ownership of something new, made by whoever runs the playbook. */
export const newOwnership = (mode: string): Ownership => ({
  ...unknownOwnership('whose it is depends on who makes it'),
  mode,
})

/**
 * Shell text that sets what differs, following symbolic links. `chown` drops set-user-id bits, so the mode comes last; a
 * leading zero more makes GNU chmod take away a directory's set-group-id bit too.
 */
export function ownershipScript(
  path: string,
  wanted: WantedOwnership,
  changes: readonly Change[],
  found: Ownership | undefined,
): string[] {
  const at = quote(path)
  const differs = (field: string) => changes.some((change) => change.field === field)
  const owner = differs('owner') ? wanted.owner : undefined
  const group = differs('group') ? wanted.group : undefined
  const lines: string[] = []
  if (owner !== undefined) lines.push(`chown ${quote(group === undefined ? owner : `${owner}:${group}`)} ${at}`)
  else if (group !== undefined) lines.push(`chgrp ${quote(group)} ${at}`)
  const kept = found !== undefined && lines.length > 0 ? special(found.mode) : undefined
  const mode = wanted.mode !== undefined && (differs('mode') || lines.length > 0) ? wanted.mode : kept
  if (mode !== undefined) lines.push(`chmod 0${mode} ${at}`)
  return lines
}

const special = (mode: string) => (/^[1-7]/.test(mode) ? mode : undefined)
