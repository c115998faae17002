import type { Probe } from '../probe.ts'
import { typed } from '../typed-question.ts'
import { accountName, entryScript } from './account-name.ts'
import { unclear } from './unclear.ts'

/** A group as the host's databases have it. */
export interface GroupState {
  readonly gid: number
  /** Users whose further group it is; those whose first group it is are not listed. Sorted. */
  readonly members: readonly string[]
}

/** The fact's id of a group. */
export const groupFact = (name: string): string => `group:${accountName('group', name)}`

/** Asks for a group; `undefined` where there is none. One process on the host. */
export const groupProbe = typed('group', (name: string): Probe<GroupState | undefined> => ({
  fact: groupFact(name),
  script: `{\n${entryScript('group', name)}\nprintf '%s\\n' "$e"\n} 2>/dev/null`,
  parse: (raw) => parseGroup(name, raw),
  absent: (answer) => answer === undefined,
}))

function parseGroup(name: string, raw: string): GroupState | undefined {
  const line = raw.trim()
  if (line === '') return undefined
  const [found, , gid = '', members = ''] = line.split(':')
  if (found !== name || !/^\d+$/.test(gid)) {
    throw unclear(`group ${name}`, line)
  }
  return {
    gid: Number(gid),
    members: members
      .split(',')
      .filter((member) => member !== '')
      .toSorted(),
  }
}
