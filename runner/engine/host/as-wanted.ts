import type { Probe } from '../../model/probe.ts'
import { guardedState } from '../prediction/guarded-state.ts'
import { stateOf } from './resource-state.ts'
import type { Item } from './segment.ts'

/** Whether all the items are as they should be, and nothing is due: then answers read ahead will do. */
export function asWanted(
  items: readonly Item[],
  due: readonly Probe<boolean>[],
  answer: (probe: Probe<unknown>) => unknown,
): boolean {
  try {
    return (
      due.every((probe) => answer(probe) === false) &&
      items.every(({ resource: { definition, options }, probes }) => {
        return definition.diff(options, guardedState(stateOf(probes, answer))).length === 0
      })
    )
  } catch {
    // What is wrong is said of answers that are the host's latest.
    return false
  }
}
