import type { Probe } from '../../model/probe.ts'
import type { Bound } from '../../model/resource.ts'
import type { EnsureOptions } from '../../model/host.ts'
import type { Trigger } from '../../model/trigger.ts'
import { dueMarkScript, dueProbe } from '../../model/facts-of/due.ts'
import { parseProbe, type RawAnswers } from '../exchange/probes.ts'
import type { HostHandle } from './handle.ts'

/** What changes call for, and the questions whether an earlier run still owes it. */
export interface Triggers {
  readonly list: readonly Trigger[]
  readonly probes: readonly Probe<boolean>[]
}

/** Of one resource: what `onChange` says, and what it calls for by itself. */
export function triggersOf({ definition, options }: Bound, onChange: EnsureOptions['onChange']): Triggers {
  const said = onChange === undefined ? [] : 'action' in onChange ? [onChange] : onChange
  return distinct([...said, ...(definition.onChange?.(options) ?? [])])
}

/** Of a whole list of resources: each once. */
export const allTriggers = (each: readonly Triggers[]): Triggers => distinct(each.flatMap(({ list }) => list))

function distinct(triggers: readonly Trigger[]): Triggers {
  const list = [...new Map(triggers.map((it) => [`${it.action} ${it.unit}`, it])).values()]
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
