import type { RunFinished } from '../engine/events.ts'
import { ConnectError, TsplayError } from '../model/errors.ts'

/** How tsplay ends, for scripts and CI. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  changes: 4,
  interrupted: 130,
} as const

/** The codes as the help shows them. */
export const exitCodesHelp = `
Exit codes:
  0    fine
  1    a host failed
  2    arguments, playbook, types or inventory are wrong; nothing was changed
  3    hosts could not be reached, and none failed
  130  interrupted`

/** The code for how a run ended. */
export const exitCodeOfRun = (status: RunFinished['status']): number => exitCodes[status]

/** The code for what ended a command. Anything that tsplay did not throw on purpose is a failure. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof ConnectError) return exitCodes.unreachable
  if (!(error instanceof TsplayError)) return exitCodes.failed
  switch (error.code) {
    case 'USAGE':
    case 'PLAYBOOK':
    case 'TYPES':
    case 'INVENTORY':
    case 'OPTIONS':
      return exitCodes.usage
    case 'CONNECT':
      return exitCodes.unreachable
    // Only the user ends a command in this way: what a failure aborts is in the run's own status.
    case 'ABORTED':
      return exitCodes.interrupted
    case 'BECOME':
    case 'COMMAND':
    case 'TIMEOUT':
    case 'LOST':
    case 'NOT_CONVERGED':
    case 'ASSERTION':
    case 'LOCKED':
    case 'NEEDS':
    case 'INTERNAL':
      return exitCodes.failed
    default:
      return error.code satisfies never
  }
}
