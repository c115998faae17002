import type { Probe } from '../../model/probe.ts'
import type { Trigger } from '../../model/trigger.ts'
import { dueMarkScript, dueProbe } from '../../model/facts-of/due.ts'
import { parseProbe, type RawAnswers } from '../exchange/probes.ts'
import type { HostHandle } from './handle.ts'

/** What a change of this `ensure` calls for, and the questions whether an earlier run still owes it. */
export interface Triggers {
  readonly list: readonly Trigger[]
  readonly probes: readonly Probe<boolean>[]
}

export function triggersOf(onChange: Trigger | readonly Trigger[] | undefined): Triggers {
  const list = onChange === undefined ? [] : 'action' in onChange ? [onChange] : onChange
  return { list, probes: list.map(dueProbe) }
}

/** Shell text that notes on the host, before the first write, what will be due. */
export const markScript = ({ list }: Triggers): string | undefined =>
  list.length === 0 ? undefined : dueMarkScript(list)

/** Has all of it done when the body ends, unless a `service` does it before. */
export function noteDue(handle: HostHandle, { list }: Triggers): void {
  for (const trigger of list) {
    handle.body.due.set([handle.host, handle.user, trigger.action, trigger.unit].join('\0'), {
      host: handle.host,
      user: handle.user,
      trigger,
    })
  }
}

/** Takes up what an earlier run left due. */
export function dueAmong(handle: HostHandle, { list, probes }: Triggers, raw: RawAnswers): void {
  const left = list.filter((_, i) => parseProbe(probes[i] as Probe<boolean>, raw))
  if (left.length > 0) noteDue(handle, { list: left, probes: [] })
}
