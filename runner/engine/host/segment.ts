import type { Change } from '../../model/change.ts'
import type { EnsureOptions } from '../../model/host.ts'
import type { Probe } from '../../model/probe.ts'
import type { Bound } from '../../model/resource.ts'
import { type Application, inline, inlineLimit, stdinLimit } from '../exchange/apply.ts'
import { digestOf, parseProbe, type RawAnswers, scriptLimit } from '../exchange/probes.ts'
import { guardedState } from '../prediction/guarded-state.ts'
import { Overlay } from '../prediction/overlay.ts'
import type { HostHandle } from './handle.ts'
import { report } from './operate.ts'
import { layAfter, probesOf, stateOf } from './resource-state.ts'
import { markScript, type Triggers, triggersOf } from './triggers.ts'

/** A resource, its questions, and what its change calls for. */
export interface Item {
  readonly resource: Bound
  readonly probes: ReturnType<typeof probesOf>
  readonly triggers: Triggers
}

export const itemOf = (resource: Bound, onChange: EnsureOptions['onChange']): Item => ({
  resource,
  probes: probesOf(resource),
  triggers: triggersOf(resource, onChange),
})

/** An item of a segment: what is to be done to it once what comes before it is done. */
export interface Planned {
  readonly item: Item
  readonly state: object
  readonly changes: readonly Change[]
  /** Left out where nothing is to be done. Without steps: it is right if what comes before it leads where it should. */
  readonly application: Application | undefined
}

/** As many items of a list as can be planned on what is known now: one at least. */
export function planSegment(handle: HostHandle, todo: readonly Item[], raw: RawAnswers): readonly Planned[] {
  const guess = new Overlay()
  const segment: Planned[] = []
  const load = { bytes: 0, text: 0 }
  let changing = false
  for (const item of todo) {
    const planned = planItem(handle, item, raw, guess, { first: segment.length === 0, changing })
    if (planned === undefined) break
    const { application, changes } = planned
    if (application !== undefined) {
      const ahead = add(load, application)
      if (changing && (ahead || load.bytes > stdinLimit || load.text > scriptLimit)) break
      if (changes.length > 0) layAfter(guess, item.resource, item.probes, planned.state, changes)
      changing = true
    }
    segment.push(planned)
  }
  return segment
}

/** `undefined`: the item can't be planned before the earlier items of the segment are done. */
function planItem(
  handle: HostHandle,
  item: Item,
  raw: RawAnswers,
  guess: Overlay,
  { first, changing }: { readonly first: boolean; readonly changing: boolean },
): Planned | undefined {
  const { definition, options, kind, id } = item.resource
  const probes = Object.values(item.probes)
  try {
    const state = stateOf(item.probes, (probe) => guess.answer(probe, () => parseProbe(probe, raw)))
    const changes = definition.diff(options, changing ? guardedState(state) : state)
    if (changes.length === 0) {
      const guessed = changing && probes.some((probe) => guess.covers(probe))
      return { item, state, changes, application: guessed ? { kind, id, steps: [], probes } : undefined }
    }
    const steps = definition.apply(options, changes, state)
    const guarded = changing ? probes.filter((probe) => !guess.covers(probe)) : []
    return {
      item,
      state,
      changes,
      application: { kind, id, steps, probes, ...guardOf(guarded, raw), ...headOf(item.triggers) },
    }
  } catch (error) {
    // What comes before it is told first; then it is planned on what the host says by then.
    if (!first) return undefined
    report(handle, kind, id).fail(error)
    throw error
  }
}

/** What no earlier item is to change must still be as it was when it was asked. */
const guardOf = (probes: readonly Probe<unknown>[], raw: RawAnswers): Pick<Application, 'guard'> =>
  probes.length === 0 ? {} : { guard: { probes, digest: digestOf(probes, raw) } }

function headOf(triggers: Triggers): Pick<Application, 'head'> {
  const head = markScript(triggers)
  return head === undefined ? {} : { head }
}

/** What a call of a function takes: longer texts are counted as they are. */
const callSize = 600

/** Adds to the load of an exchange, and tells whether some content is too large to go with it. */
function add(load: { bytes: number; text: number }, { steps, probes }: Application): boolean {
  const contents = steps.map(inline)
  for (const length of contents) if (length <= inlineLimit) load.bytes += length
  for (const step of steps) load.text += 'script' in step ? step.script.length : callSize
  // Once in the guard, and once after the steps.
  for (const { script } of probes) load.text += 2 * (script.length + 60)
  return contents.some((length) => length > inlineLimit)
}
