import { groupFact } from '../../runner/model/facts-of/group.ts'
import { pathFact, type PathState } from '../../runner/model/facts-of/path-state.ts'
import { newUnit, unitFact } from '../../runner/model/facts-of/unit.ts'
import { userFact } from '../../runner/model/facts-of/user.ts'
import type { Effect } from '../../runner/model/resource.ts'
import { unknown } from '../../runner/model/unknown.ts'
import type { Brings } from './packages-options.ts'

const reason = 'the package says it when it is installed'

/** What is foreseen of the facts that packages bring; where they are removed, only their units are sure to go. */
export function broughtFacts(
  { units = [], users = [], groups = [], directories = [], files = [], facts = [] }: Brings,
  removed: boolean,
): Effect[] {
  const names = units.map((unit) => (typeof unit === 'string' ? { name: unit, running: true, enabled: true } : unit))
  if (removed)
    return names.map(({ name }) => ({ fact: unitFact(name), value: newUnit({ load: 'not-found', enabled: '' }) }))
  return [
    ...names.map(({ name, running, enabled }) => ({
      fact: unitFact(name),
      value: newUnit({
        enabled: enabled === 'unknown' ? unknown(reason) : enabled ? 'enabled' : 'disabled',
        ...(running
          ? { active: 'active', sub: unknown(reason), running: 'running', invocationId: unknown(reason) }
          : {}),
      }),
    })),
    ...users.map((name) => ({ fact: userFact(name), value: unknownUser() })),
    ...groups.map((name) => ({ fact: groupFact(name), value: { gid: unknown(reason), members: unknown(reason) } })),
    ...directories.map((path) => ({ fact: pathFact(path), value: directory() })),
    ...files.map((path) => ({ fact: pathFact(path), value: file() })),
    ...facts,
  ]
}

const unknownUser = () =>
  Object.fromEntries(
    ['uid', 'gid', 'group', 'home', 'homeExists', 'shell', 'comment', 'groups'].map((field) => [
      field,
      unknown(reason),
    ]),
  )

const ownership = () => ({
  mode: unknown<string>(reason),
  owner: unknown<string>(reason),
  group: unknown<string>(reason),
  uid: unknown<number>(reason),
  gid: unknown<number>(reason),
})

const directory = (): PathState => ({ kind: 'directory', ...ownership() })

const file = (): PathState => ({
  kind: 'file',
  ...ownership(),
  size: unknown(reason),
  sha256: unknown(reason),
  content: unknown(reason),
})
