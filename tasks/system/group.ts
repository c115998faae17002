import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { accountName } from '../../runner/model/facts-of/account-name.ts'
import { groupProbe, type GroupState } from '../../runner/model/facts-of/group.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { accountCommand } from './account-command.ts'
import { type AccountTools, accountToolsProbe, changeable } from './account-tools.ts'

export interface GroupOptions {
  /** As groupadd(8) takes it. */
  readonly name: string
  /** @default the next free one */
  readonly gid?: number
  /** Whether a new group's gid is taken from the range of system groups. @default false */
  readonly system?: boolean
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

export interface GroupOut {
  readonly name: string
  /** `undefined` where the group is absent. */
  readonly gid: number | undefined
}

interface State {
  readonly group: GroupState | undefined
  readonly tools: AccountTools
}

const definition = resource<GroupOptions, State, GroupOut>({
  kind: 'group',
  id: ({ name }) => name,
  validate({ name, gid }) {
    accountName('group', name)
    if (gid !== undefined && !(Number.isInteger(gid) && gid >= 0 && gid < 2 ** 32 - 1)) {
      throw new TsplayError('OPTIONS', `group ${name}: ${String(gid)} is no gid`)
    }
  },
  probes: ({ name }) => ({ group: groupProbe(name), tools: accountToolsProbe() }),
  diff: (options, { group, tools }) =>
    changeable(`group ${options.name}`, groupChanges(options, certain(group)), tools),
  apply({ name, gid, system, state }, changes) {
    const number = gid === undefined ? [] : ['-g', String(gid)]
    if (state === 'absent') return [accountCommand('groupdel', [name])]
    if (changes.some(({ field }) => field === 'state')) {
      return [accountCommand('groupadd', [...(system ? ['-r'] : []), ...number, name])]
    }
    return [accountCommand('groupmod', [...number, name])]
  },
  after({ gid, state }, { group, tools }) {
    if (state === 'absent') return { group: undefined, tools }
    const members = group === undefined ? [] : group.members
    return { group: { gid: gid ?? group?.gid ?? unknown('assigned by groupadd'), members }, tools }
  },
  out: ({ name }, { group }) => ({ name, gid: group?.gid }),
})

function groupChanges({ gid, state }: GroupOptions, found: GroupState | undefined): Change[] {
  if (state === 'absent') return found === undefined ? [] : [{ field: 'state', before: 'present', after: undefined }]
  if (found === undefined) {
    return [
      { field: 'state', before: undefined, after: 'present' },
      ...(gid === undefined ? [] : [{ field: 'gid', before: undefined, after: gid }]),
    ]
  }
  if (gid === undefined || certain(found.gid) === gid) return []
  return [{ field: 'gid', before: found.gid, after: gid }]
}

/**
 * A group. Files of a group whose gid changes keep the old number.
 * @example
 * await host.ensure(group({ name: 'deploy', system: true }))
 */
export const group = (options: GroupOptions): Resource<GroupOut> => definition(options)
