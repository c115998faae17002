import type { Bound } from '../../model/resource.ts'
import { askProbes, parseProbe, type RawAnswers } from '../exchange/probes.ts'
import { asWanted } from './as-wanted.ts'
import { applySegment } from './apply-segment.ts'
import type { HostHandle } from './handle.ts'
import { probesOf } from './resource-state.ts'
import { type Item, planSegment } from './segment.ts'
import { dueAmong, type Triggers } from './triggers.ts'

/**
 * Makes the host be so, in order. All items are asked at once; what differs is applied at once, each item on the state
 * that the items before it lead to. A list is cut only where that state can't be foreseen, or proves to be another.
 */
export async function ensureLive(
  handle: HostHandle,
  resources: readonly Bound[],
  triggers: Triggers,
): Promise<object[]> {
  const { body } = handle
  const session = await body.session(handle.host, handle.user)
  const items = resources.map((resource): Item => ({ resource, probes: probesOf(resource) }))
  const lane = body.ahead.lane(handle.host, handle.user)
  const nothingToDo = (raw: RawAnswers) => asWanted(items, triggers, (probe) => parseProbe(probe, raw))
  const results: object[] = []
  for (let asked = false; results.length < items.length; asked = true) {
    const todo = items.slice(results.length)
    const probes = todo.flatMap((item) => Object.values(item.probes))
    const raw = asked
      ? await askProbes(session, probes, { signal: body.signal })
      : await lane.ask(session, [...probes, ...triggers.probes], nothingToDo, body.signal)
    if (!asked) dueAmong(handle, triggers, raw)
    results.push(...(await applySegment(handle, session, planSegment(handle, todo, raw, triggers), triggers)))
  }
  return results
}
