import type { GroupState } from '../../runner/model/facts-of/group.ts'
import type { PasswordState, UserState } from '../../runner/model/facts-of/user.ts'
import { unknown, unknownReason } from '../../runner/model/unknown.ts'
import { passwordDigest } from './password-digest.ts'
import { makesHome, type UserFacts, wantedGroups } from './user-changes.ts'
import type { UserOptions } from './user-options.ts'

const assigned = 'assigned by useradd'

/** What is known of a user once it is as asked. */
export function userAfter(options: UserOptions, facts: UserFacts): UserFacts {
  const { name, state } = options
  if (state === 'absent')
    return { ...facts, user: undefined, ownGroup: unknown('userdel removes it where nobody else is in it') }
  const reason = unknownReason(facts.user)
  if (reason !== undefined) return { ...facts, user: unknown(reason) }
  const found = facts.user
  const group = groupAfter(options, facts)
  const groups = wantedGroups(options, found)
  const user: UserState = {
    uid: options.uid ?? found?.uid ?? unknown(assigned),
    ...group,
    home: options.home ?? found?.home ?? homeOf(options, facts),
    homeExists: homeAfter(options, found),
    shell: options.shell ?? found?.shell ?? facts.defaults?.shell ?? unknown(assigned),
    comment: options.comment ?? found?.comment ?? '',
    groups,
    ...passwordAfter(options, found),
  }
  return { ...facts, ...memberships(options, facts, groups), user, ownGroup: ownGroupAfter(name, facts, user) }
}

const homeOf = ({ name }: UserOptions, { defaults }: UserFacts): string =>
  defaults === undefined ? unknown(assigned) : `${defaults.homeBase}/${name}`

function homeAfter(options: UserOptions, found: UserState | undefined): boolean {
  if (makesHome(options, found)) return true
  const moved = options.home !== undefined && options.home !== found?.home
  if (found !== undefined && !moved) return found.homeExists
  return options.moveHome && found ? found.homeExists : unknown('nobody looked at that path')
}

function groupAfter({ name, group }: UserOptions, facts: UserFacts): Pick<UserState, 'group' | 'gid'> {
  const { user, ownGroup, defaults } = facts
  if (typeof group === 'number') {
    const same = user?.gid === group
    return { gid: group, group: same ? user.group : unknown(`the name of group ${group}`) }
  }
  if (group !== undefined) {
    const state = group === name ? ownGroup : facts[`group ${group}`]
    return { group, gid: state?.gid ?? unknown(`the number of group ${group}`) }
  }
  if (user !== undefined) return { gid: user.gid, group: user.group === String(user.gid) ? name : user.group }
  if (ownGroup !== undefined) return { group: name, gid: ownGroup.gid }
  return { group: defaults?.ownGroup ? name : unknown(assigned), gid: unknown(assigned) }
}

function ownGroupAfter(name: string, { ownGroup }: UserFacts, user: UserState): GroupState | undefined {
  if (ownGroup !== undefined || unknownReason(user.group) !== undefined || user.group !== name) return ownGroup
  return { gid: user.gid, members: [] }
}

/** The groups' own facts, with the user as their member. */
function memberships({ name }: UserOptions, facts: UserFacts, groups: readonly string[]): Partial<UserFacts> {
  const entries = Object.entries(facts).flatMap(([key, state]): [string, GroupState][] => {
    if (!key.startsWith('group ') || state === undefined || unknownReason(state) !== undefined) return []
    const group = state as GroupState
    if (unknownReason(group.members) !== undefined || !groups.includes(key.slice('group '.length))) return []
    if (group.members.includes(name)) return []
    return [[key, { ...group, members: [...group.members, name].toSorted() }]]
  })
  return Object.fromEntries(entries)
}

function passwordAfter(options: UserOptions, found: UserState | undefined): { readonly password?: PasswordState } {
  const digest = passwordDigest(options)
  if (digest === undefined && options.locked === undefined) return {}
  const sets = digest !== undefined && digest !== found?.password?.sha256
  return {
    password: {
      locked: options.locked ?? (sets ? false : (found?.password?.locked ?? true)),
      sha256: digest ?? found?.password?.sha256 ?? unknown('a new user has no password'),
    },
  }
}
