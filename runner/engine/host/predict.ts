import type { Change } from '../../model/change.ts'
import type { EnsureOptions } from '../../model/host.ts'
import type { Bound } from '../../model/resource.ts'
import { PredictionEnd, unknown } from '../../model/unknown.ts'
import { parseProbe, type RawAnswers } from '../exchange/probes.ts'
import { deepUnknown } from '../prediction/deep-unknown.ts'
import { guardedState } from '../prediction/guarded-state.ts'
import { asWanted } from './as-wanted.ts'
import { claim } from './claim.ts'
import type { HostHandle } from './handle.ts'
import { report } from './operate.ts'
import { layAfter, layUncertain, nameOf, stateOf } from './resource-state.ts'
import { type Item, itemOf } from './segment.ts'
import { allTriggers, dueAmong, noteDue } from './triggers.ts'

/** What `ensureLive` would do, without doing it: the host is asked, and what is predicted so far is laid over its answers. */
export async function ensurePredicted(
  handle: HostHandle,
  resources: readonly Bound[],
  onChange: EnsureOptions['onChange'],
): Promise<object[]> {
  const { body } = handle
  const session = await body.session(handle.host, handle.user)
  const items = resources.map((resource) => itemOf(resource, onChange))
  const triggers = allTriggers(items.map((item) => item.triggers))
  const overlay = body.run.overlay(handle.host)
  const raw = await body.ahead
    .lane(handle.host, handle.user)
    .ask(
      session,
      [...items.flatMap(({ probes }) => Object.values(probes)), ...triggers.probes],
      (ahead) => asWanted(items, triggers.probes, (probe) => overlay.answer(probe, () => parseProbe(probe, ahead))),
      body.signal,
    )
  if (!handle.onlyRead) dueAmong(handle, triggers, raw)
  return items.map((item) => predict(handle, item, raw))
}

function predict(handle: HostHandle, item: Item, raw: RawAnswers): object {
  const { body } = handle
  const { resource, probes } = item
  const { definition, options } = resource
  const overlay = body.run.overlay(handle.host)
  const told = report(handle, resource.kind, resource.id)
  const state = stateOf(probes, (probe) => overlay.answer(probe, () => parseProbe(probe, raw)))
  let changes: readonly Change[]
  let doubt = body.uncertain
  let isClear = true
  try {
    changes = definition.diff(options, guardedState(state))
  } catch (error) {
    if (!(error instanceof PredictionEnd)) {
      told.fail(error)
      throw error
    }
    // What the host will be like before the change can't be known; where it leads may be all the same.
    changes = []
    doubt = error.reason
    isClear = false
  }
  if (changes.length === 0 && isClear) {
    told.finish({ status: 'ok', changes })
    claim(handle, item, state)
    return outcome(resource, state, () => false)
  }
  if (handle.onlyRead && doubt === undefined) {
    const error = handle.refusal(nameOf(resource))
    told.fail(error)
    throw error
  }
  const unknowns = changes.map((change) => (change.before === undefined ? undefined : deepUnknown(change.after)))
  if (doubt === undefined && unknowns.every((reason) => reason !== undefined)) doubt = unknowns[0]
  let after = state
  if (body.uncertain === undefined) after = layAfter(overlay, resource, probes, state, changes)
  else layUncertain(overlay, resource, probes, body.uncertain)
  noteDue(handle, item.triggers)
  if (doubt === undefined) {
    told.finish({ status: 'changed', changes })
    claim(handle, item, after, after)
    return outcome(resource, after, () => true)
  }
  const reason = doubt
  told.finish({ status: 'may', changes, reason })
  return outcome(resource, after, () => {
    body.readUncertain(`${resource.kind} ${resource.id} may change: ${reason}`)
    return true
  })
}

/** The result as the body sees it: reading an uncertain `changed` makes what follows uncertain, and unknowns are named. */
function outcome({ kind, id, definition, options }: Bound, state: object, changed: () => boolean): object {
  let out: object
  try {
    out = definition.out(options, state)
  } catch (error) {
    if (!(error instanceof PredictionEnd)) throw error
    const { reason } = error
    return new Proxy(
      {},
      {
        get: (_, key) =>
          key === 'changed' ? changed() : key === 'then' ? undefined : unknown(`${kind} ${id}: ${reason}`),
      },
    )
  }
  return Object.defineProperty({ ...out }, 'changed', { enumerable: true, get: changed })
}
