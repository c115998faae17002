import { checkVars, renderProblems } from '../../../inventory/vars.ts'
import type { Inventory } from '../../../inventory/inventory.ts'
import { TsplayError } from '../../model/errors.ts'
import type { PlaybookDefinition, PlayDefinition } from '../../model/playbook.ts'

/** Variables of a play's host, as the playbook's and the play's schema gave them. */
export type VarsOf = (play: PlayDefinition, host: string) => Readonly<Record<string, unknown>>

/**
 * Checks the variables of every host of every play against its schemas, before any connection, and throws one
 * TsplayError INVENTORY that shows all that is wrong on all hosts.
 */
export async function checkPlayVars(
  playbook: PlaybookDefinition,
  inventory: Inventory,
  hosts: (pattern: string) => readonly string[],
): Promise<VarsOf> {
  const checked = await Promise.all(
    playbook.plays.map(async (play) => {
      const schemas = [playbook.vars, play.vars].filter((schema) => schema !== undefined)
      return [play, await checkVars(inventory, hosts(play.hosts), schemas, `the play "${play.name}"`)] as const
    }),
  )
  const problems = checked.flatMap(([, result]) => result.problems)
  if (problems.length > 0) throw new TsplayError('INVENTORY', renderProblems(problems))
  const byPlay = new Map(checked)
  return (play, host) => byPlay.get(play)?.vars.get(host) ?? inventory.hosts.get(host)?.vars ?? {}
}
