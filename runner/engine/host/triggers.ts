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
  return { list, probes: list.map(({ action, unit }) => dueProbe(action, unit)) }
}

/** Shell text that notes on the host, before the first write, what will be due. */
export const markScript = ({ list }: Triggers): string | undefined =>
  list.length === 0 ? undefined : dueMarkScript(list)

/** Has all of it done when the body ends, unless a `service` does it before. */
export const noteDue = (handle: HostHandle, { list }: Triggers): void => note(handle, list, false)

function note({ body, host, user }: HostHandle, list: readonly Trigger[], owed: boolean): void {
  for (const trigger of list) {
    const key = [host, user, trigger.action, trigger.unit].join('\0')
    body.due.set(key, { host, user, trigger, owed: owed || body.due.get(key)?.owed === true })
    if (body.check) body.run.overlay(host).callFor(trigger.unit, trigger.action)
  }
}

/** Takes up what an earlier run left due. */
export function dueAmong(handle: HostHandle, { list, probes }: Triggers, raw: RawAnswers): void {
  const left = list.filter((_, i) => parseProbe(probes[i] as Probe<boolean>, raw))
  note(handle, left, true)
}
