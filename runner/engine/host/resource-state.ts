import type { Change } from '../../model/change.ts'
import type { Probe } from '../../model/probe.ts'
import type { Bound } from '../../model/resource.ts'
import { PredictionEnd, unknown } from '../../model/unknown.ts'
import type { Overlay } from '../prediction/overlay.ts'

/** A resource's questions, by the names that its state has for them. */
export const probesOf = ({ definition, options }: Bound): Readonly<Record<string, Probe<unknown>>> =>
  definition.probes(options) as Readonly<Record<string, Probe<unknown>>>

/** A state from the answers to its probes. */
export const stateOf = (
  probes: Readonly<Record<string, Probe<unknown>>>,
  answer: (probe: Probe<unknown>) => unknown,
): object => Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, answer(probe)]))

/** How a change is named in reasons. */
export const nameOf = ({ kind, id }: { readonly kind: string; readonly id: string }): string => `${kind} ${id}`

/** Lays where a resource's change leads over the facts, and gives that state. */
export function layAfter(
  overlay: Overlay,
  resource: Bound,
  probes: Readonly<Record<string, Probe<unknown>>>,
  state: object,
  changes: readonly Change[],
): object {
  const { definition, options } = resource
  const by = nameOf(resource)
  const after: Record<string, unknown> =
    foreseen(() => ({ ...definition.after(options, state) })) ?? unknownState(probes, by)
  for (const [name, probe] of Object.entries(probes)) {
    // What the change leaves alone is still for the host to say.
    if (after[name] !== (state as Record<string, unknown>)[name]) overlay.lay(probe.fact, after[name], by)
  }
  for (const effect of foreseen(() => definition.effects?.(options, state)) ?? [])
    overlay.lay(effect.fact, effect.value, by)
  if (definition.opaque?.(options, changes)) overlay.cloud(by)
  return after
}

/** `undefined` where it rests on what is unknown. */
function foreseen<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof PredictionEnd) return undefined
    throw error
  }
}

const unknownState = (probes: object, by: string): Record<string, unknown> =>
  Object.fromEntries(Object.keys(probes).map((name) => [name, unknown(by)]))

/** Nobody knows whether the change is made: its facts are one or the other. */
export function layUncertain(
  overlay: Overlay,
  resource: Bound,
  probes: Readonly<Record<string, Probe<unknown>>>,
  reason: string,
): void {
  for (const probe of Object.values(probes)) overlay.lay(probe.fact, unknown(reason), nameOf(resource))
}
