import { contentBytes } from '../../model/content.ts'
import { quote } from '../../model/quote.ts'
import type { Bound } from '../../model/resource.ts'
import type { Step } from '../../model/step.ts'
import type { Session } from '../../session/session.ts'
import { apply, type Applied } from '../exchange/apply.ts'
import { redact } from '../redact.ts'
import type { HostHandle } from './handle.ts'
import { report, type Report } from './operate.ts'
import { claim } from './claim.ts'
import { reached, remaining } from './reached.ts'
import type { Planned } from './segment.ts'
import { noteDue } from './triggers.ts'

/** Applies a segment in one exchange, and gives the results of those of its items that are settled: from its front. */
export async function applySegment(
  handle: HostHandle,
  session: Session,
  segment: readonly Planned[],
): Promise<object[]> {
  const reports = segment.map(({ item }) => begunWhenNeeded(handle, item.resource))
  const applied = await exchangeFor(handle, session, segment, reports)
  const results: object[] = []
  for (const [i, planned] of segment.entries()) {
    const told = reports[i] as () => Report
    const result = settle(handle, planned, applied.get(i), told)
    if (result === undefined) break
    results.push(result)
  }
  return results
}

/** One item's result; `undefined` when it has to be planned anew. Throws where it failed. */
function settle(
  handle: HostHandle,
  { item, state, changes, application }: Planned,
  outcome: Applied | undefined,
  told: () => Report,
): object | undefined {
  const { definition, options } = item.resource
  if (application === undefined) {
    told().finish({ status: 'ok', changes })
    claim(handle, item, state)
    return { ...definition.out(options, state), changed: false }
  }
  if (outcome === undefined || outcome.status === 'surprise' || outcome.status === 'unreached') return undefined
  const changed = changes.length > 0
  if (!changed && outcome.status === 'applied' && remaining(item, outcome.raw).length > 0) return undefined
  try {
    const after = reached(item, outcome)
    if (changed) noteDue(handle, item.triggers)
    told().finish({ status: changed ? 'changed' : 'ok', changes })
    claim(handle, item, after, changed ? definition.after(options, state) : undefined)
    return { ...definition.out(options, after), changed }
  } catch (error) {
    told().fail(error)
    throw error
  }
}

async function exchangeFor(
  handle: HostHandle,
  session: Session,
  segment: readonly Planned[],
  reports: readonly (() => Report)[],
): Promise<ReadonlyMap<number, Applied>> {
  const places = segment.flatMap(({ application }, i) => (application === undefined ? [] : [{ application, i }]))
  const [first] = places
  if (first === undefined) return new Map()
  await handle.body.run.ready
  const firstTold = (reports[first.i] as () => Report)()
  const applications = places.map(({ application }) => application)
  for (const { steps } of applications) for (const step of steps) tellStep(handle, session, step)
  using _change = handle.body.changing(handle.host)
  try {
    const applied = await apply(session, applications, {
      signal: handle.body.signal,
      lock: handle.body.run.lock(handle.host),
      onOutput: (n, stream, chunk) => reports[places[n]?.i ?? first.i]?.().output(stream, chunk),
    })
    return new Map(places.map(({ i }, n) => [i, applied[n] as Applied]))
  } catch (error) {
    firstTold.fail(error)
    throw error
  }
}

/** What is sent, for those who asked to see it: contents are not part of it. */
function tellStep({ body, host }: HostHandle, { user }: Session, step: Step): void {
  const script = stepText(step)
  body.run.emit({ type: 'command-sent', at: Date.now(), host, user, script: redact(script) })
}

function stepText(step: Step): string {
  if ('script' in step) return step.script
  if ('tree' in step) return `change ${step.tree.length} things in ${quote(step.to)}`
  if ('download' in step) return `send ${quote(step.download)}`
  return `write ${quote(step.to)} (${contentBytes(step.upload).length} bytes)`
}

/** Reports an operation as begun when it is first spoken of: an item that is put off is begun later. */
function begunWhenNeeded(handle: HostHandle, { kind, id }: Bound): () => Report {
  let begun: Report | undefined
  return () => (begun ??= report(handle, kind, id))
}
