import type { EnsureOptions } from '../../model/host.ts'
import type { Bound } from '../../model/resource.ts'
import { askProbes, parseProbe, type RawAnswers } from '../exchange/probes.ts'
import { asWanted } from './as-wanted.ts'
import { applySegment } from './apply-segment.ts'
import type { HostHandle } from './handle.ts'
import { itemOf, planSegment } from './segment.ts'
import { allTriggers, dueAmong } from './triggers.ts'

/**
 * Makes the host be so, in order. All items are asked at once; what differs is applied at once, each item on the state
 * that the items before it lead to. A list is cut only where that state can't be foreseen, or proves to be another.
 */
export async function ensureLive(
  handle: HostHandle,
  resources: readonly Bound[],
  onChange: EnsureOptions['onChange'],
): Promise<object[]> {
  const { body } = handle
  const session = await body.session(handle.host, handle.user)
  const items = resources.map((resource) => itemOf(resource, onChange))
  const triggers = allTriggers(items.map((item) => item.triggers))
  const lane = body.ahead.lane(handle.host, handle.user)
  const nothingToDo = (raw: RawAnswers) => asWanted(items, triggers.probes, (probe) => parseProbe(probe, raw))
  const results: object[] = []
  for (let asked = false; results.length < items.length; asked = true) {
    const todo = items.slice(results.length)
    const probes = todo.flatMap((item) => Object.values(item.probes))
    const raw = asked
      ? await askProbes(session, probes, { signal: body.signal })
      : await lane.ask(session, [...probes, ...triggers.probes], nothingToDo, body.signal)
    if (!asked) dueAmong(handle, triggers, raw)
    results.push(...(await applySegment(handle, session, planSegment(handle, todo, raw))))
  }
  return results
}
