import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { GroupState } from '../../runner/model/facts-of/group.ts'
import type { UserDefaults, UserState } from '../../runner/model/facts-of/user.ts'
import { certain } from '../../runner/model/unknown.ts'
import { type AccountTools, changeable } from './account-tools.ts'
import { passwordDigest } from './password-digest.ts'
import type { UserOptions } from './user-options.ts'

/** What is known of a user before anything is done. */
export interface UserFacts {
  readonly user: UserState | undefined
  /** The group of the user's own name. */
  readonly ownGroup: GroupState | undefined
  readonly defaults: UserDefaults | undefined
  readonly tools: AccountTools
  readonly [group: `group ${string}`]: GroupState | undefined
}

/**
 * What differs between a user and what is asked. Throws `TsplayError('OPTIONS')` where a group is missing, and `COMMAND`
 * where the host has nothing to make changes with.
 */
export const userChanges = (options: UserOptions, facts: UserFacts): readonly Change[] =>
  changeable(`user ${options.name}`, differences(options, facts), facts.tools)

function differences(options: UserOptions, facts: UserFacts): Change[] {
  const found = certain(facts.user)
  if (options.state === 'absent') {
    return found === undefined ? [] : [{ field: 'state', before: 'present', after: undefined }]
  }
  checkGroups(options, facts)
  const changes: Change[] = found === undefined ? [{ field: 'state', before: undefined, after: 'present' }] : []
  const compare = (field: 'uid' | 'home' | 'shell' | 'comment') => {
    const wanted = options[field]
    if (wanted !== undefined && certain(found?.[field]) !== wanted) {
      changes.push({ field, before: found?.[field], after: wanted })
    }
  }
  compare('uid')
  const group = groupChange(options, found)
  if (group) changes.push(group)
  compare('home')
  compare('shell')
  compare('comment')
  const groups = wantedGroups(options, found)
  const had = certain(found?.groups) ?? []
  if (groups.join() !== had.join()) changes.push({ field: 'groups', before: found?.groups, after: groups })
  if (found !== undefined && makesHome(options, found) && !certain(found.homeExists)) {
    changes.push({ field: 'home directory', before: 'missing', after: 'present' })
  }
  return [...changes, ...passwordChanges(options, found)]
}

function passwordChanges(options: UserOptions, found: UserState | undefined): Change[] {
  const digest = passwordDigest(options)
  const password = certain(found?.password)
  const changes: Change[] = []
  if (digest !== undefined && certain(password?.sha256) !== digest) {
    changes.push({ field: 'password', before: undefined, after: undefined, restricted: true })
  }
  if (options.locked !== undefined && certain(password?.locked) !== options.locked) {
    changes.push({ field: 'locked', before: password?.locked, after: options.locked })
  }
  return changes
}

function groupChange({ name, group }: UserOptions, found: UserState | undefined): Change | undefined {
  if (group === undefined) {
    // A cut between passwd and group leaves a first group without a name.
    const nameless = found !== undefined && certain(found.group) === String(found.gid)
    return nameless ? { field: 'group', before: found.group, after: name } : undefined
  }
  const same = typeof group === 'number' ? certain(found?.gid) === group : certain(found?.group) === group
  return same ? undefined : { field: 'group', before: found?.group, after: group }
}

function checkGroups({ name, group, groups = [] }: UserOptions, facts: UserFacts): void {
  const wanted = [...groups, ...(typeof group === 'string' ? [group] : [])]
  for (const one of wanted) {
    const state = one === name ? facts.ownGroup : facts[`group ${one}`]
    if (certain(state) !== undefined) continue
    throw new TsplayError('OPTIONS', `user ${name}: the host has no group ${one}`, {
      hint: `make it first: await host.ensure(group({ name: ${JSON.stringify(one)} }))`,
    })
  }
}

/** The further groups that the user is to have, sorted. */
export function wantedGroups({ group, groups, exclusiveGroups }: UserOptions, found: UserState | undefined): string[] {
  const had = certain(found?.groups) ?? []
  const first = group ?? certain(found?.group)
  if (groups === undefined) return had.filter((one) => one !== group)
  const all = exclusiveGroups ? groups : [...had, ...groups]
  return [...new Set(all)].filter((one) => one !== first).toSorted()
}

/** Whether the home directory is looked after: never one that is not meant to exist. */
export const makesHome = (options: UserOptions, found?: UserState): boolean =>
  options.createHome ??
  (!options.system && !/^\/(?:nonexistent|dev\/null|proc|run\/.*|)$/.test(options.home ?? found?.home ?? '/home'))
