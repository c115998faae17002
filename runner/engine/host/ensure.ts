import { CommandError, TsplayError } from '../../model/errors.ts'
import type { Probe } from '../../model/probe.ts'
import type { Bound } from '../../model/resource.ts'
import type { Step } from '../../model/step.ts'
import { apply, type Application, type Applied, inline, inlineLimit, stdinLimit } from '../exchange/apply.ts'
import { askProbes, digestOf, parseProbe, type RawAnswers, scriptLimit } from '../exchange/probes.ts'
import { Overlay } from '../prediction/overlay.ts'
import { redact } from '../redact.ts'
import type { HostHandle } from './handle.ts'
import { report, type Report } from './operate.ts'
import { layAfter, probesOf, stateOf } from './resource-state.ts'
import { dueAmong, markScript, noteDue, type Triggers } from './triggers.ts'

interface Item {
  readonly resource: Bound
  readonly probes: Readonly<Record<string, Probe<unknown>>>
}

/** An item of a segment: what is to be done to it, once what comes before it is done. */
interface Planned {
  readonly item: Item
  readonly state: object
  readonly changes: ReturnType<Bound['definition']['diff']>
  readonly application: Application | undefined
}

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
  const results: object[] = []
  let asked = false
  while (results.length < items.length) {
    const todo = items.slice(results.length)
    const raw = await askProbes(
      session,
      [...todo.flatMap(({ probes }) => Object.values(probes)), ...(asked ? [] : triggers.probes)],
      body.signal,
    )
    if (!asked) dueAmong(handle, triggers, raw)
    asked = true
    const segment = planSegment(handle, todo, raw, triggers)
    const applications = segment.flatMap(({ application }) => application ?? [])
    if (applications.length > 0) await body.run.ready
    results.push(...(await applySegment(handle, session, segment, applications, triggers)))
  }
  return results
}

/** As many items as can be planned on what is known now: at least one. */
function planSegment(handle: HostHandle, todo: readonly Item[], raw: RawAnswers, triggers: Triggers): Planned[] {
  const guess = new Overlay()
  const segment: Planned[] = []
  let bytes = 0
  let size = 0
  let changing = false
  for (const item of todo) {
    const planned = planItem(handle, item, raw, guess, changing, triggers)
    if (planned === undefined) break
    const { application } = planned
    if (application !== undefined) {
      const contents = application.steps.map(inline)
      bytes += contents.filter((length) => length <= inlineLimit).reduce((sum, length) => sum + length, 0)
      size += textSize(application)
      const ahead = contents.some((length) => length > inlineLimit)
      if (changing && (ahead || bytes > stdinLimit || size > scriptLimit)) break
      changing = true
      layAfter(guess, item.resource, item.probes, planned.state, planned.changes)
    }
    segment.push(planned)
  }
  return segment
}

/** `undefined`: the item's state depends on what earlier items of the segment really lead to. */
function planItem(
  handle: HostHandle,
  item: Item,
  raw: RawAnswers,
  guess: Overlay,
  changing: boolean,
  triggers: Triggers,
): Planned | undefined {
  const { definition, options, kind, id } = item.resource
  try {
    const state = stateOf(item.probes, (probe) => guess.answer(probe, () => parseProbe(probe, raw)))
    const changes = definition.diff(options, state)
    if (changes.length === 0) return { item, state, changes, application: undefined }
    const probes = Object.values(item.probes)
    const guarded = changing ? probes.filter((probe) => !guess.covers(probe)) : []
    const head = markScript(triggers)
    const application: Application = {
      kind,
      id,
      steps: definition.apply(options, changes, state),
      probes,
      ...(guarded.length > 0 ? { guard: { probes: guarded, digest: digestOf(guarded, raw) } } : {}),
      ...(head === undefined ? {} : { head }),
    }
    return { item, state, changes, application }
  } catch (error) {
    if (changing) return undefined
    report(handle, kind, id).fail(error)
    throw error
  }
}

const textSize = ({ steps, probes }: Application): number =>
  steps.reduce((sum, step) => sum + ('script' in step ? step.script.length : 600), 0) +
  2 * probes.reduce((sum, probe) => sum + probe.script.length + 60, 0)

async function applySegment(
  handle: HostHandle,
  session: Parameters<typeof apply>[0],
  segment: readonly Planned[],
  applications: readonly Application[],
  triggers: Triggers,
): Promise<object[]> {
  const reports = new Map(
    segment
      .filter(({ application }) => application)
      .map((planned) => [planned.application as Application, beginReport(handle, planned.item.resource)]),
  )
  const applied = applications.length === 0 ? [] : await applyReported(session, applications, reports, handle)
  const results: object[] = []
  let changed = 0
  for (const { item, state, changes, application } of segment) {
    const { definition, options } = item.resource
    if (application === undefined) {
      beginReport(handle, item.resource)().finish({ status: 'ok', changes: [] })
      results.push({ ...definition.out(options, state), changed: false })
      continue
    }
    const outcome = applied[changed++]
    if (outcome === undefined || outcome.status === 'surprise' || outcome.status === 'unreached') break
    const told = (reports.get(application) as () => Report)()
    try {
      const after = reached(item, outcome)
      noteDue(handle, triggers)
      told.finish({ status: 'changed', changes })
      results.push({ ...definition.out(options, after), changed: true })
    } catch (error) {
      told.fail(error)
      throw error
    }
  }
  return results
}

/** Reports an operation as begun when it is first spoken of: an item that a surprise puts off is begun later. */
function beginReport(handle: HostHandle, resource: Bound): () => Report {
  let begun: Report | undefined
  return () => (begun ??= report(handle, resource.kind, resource.id))
}

async function applyReported(
  session: Parameters<typeof apply>[0],
  applications: readonly Application[],
  reports: ReadonlyMap<Application, () => Report>,
  handle: HostHandle,
): Promise<readonly Applied[]> {
  const first = reports.get(applications[0] as Application) as () => Report
  first()
  try {
    return await apply(session, applications, {
      signal: handle.body.signal,
      onOutput: (i, stream, chunk) =>
        reports
          .get(applications[i] as Application)?.()
          .output(stream, chunk),
    })
  } catch (error) {
    first().fail(error)
    throw error
  }
}

type Begun = Exclude<Applied, { readonly status: 'surprise' } | { readonly status: 'unreached' }>

/** The state that an application led to; throws where it failed, or did not lead where it should. */
function reached(item: Item, outcome: Begun): object {
  const { definition, options, kind, id } = item.resource
  if (outcome.status === 'cut') {
    throw outcome.timedOut
      ? new TsplayError('TIMEOUT', `${kind} ${id} took longer than its limit and was killed`)
      : new TsplayError('ABORTED', `${kind} ${id} was stopped half-way`, { hint: 'Running again finishes it.' })
  }
  if (outcome.status === 'failed') throw stepError(kind, id, outcome.failure)
  const state = stateOf(item.probes, (probe) => parseProbe(probe, outcome.raw))
  const left = definition.diff(options, state)
  if (left.length === 0) return state
  const fields = left.map((change) =>
    change.restricted || change.text
      ? change.field
      : `${change.field} is ${show(change.before)}, not ${show(change.after)}`,
  )
  throw new TsplayError('NOT_CONVERGED', `${kind} ${id} was applied and still differs: ${fields.join('; ')}`, {
    hint: 'Something else on the host may be changing it back.',
  })
}

const show = (value: unknown): string => redact(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'absent'))

function stepError(
  kind: string,
  id: string,
  { step, code, stdout, stderr }: { step: Step; code: number; stdout: string; stderr: string },
): CommandError {
  const last = redact((stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '')
  return new CommandError(
    `${kind} ${id}: ${last === '' ? `exit code ${code}` : last}`,
    { command: 'script' in step ? step.script : `write ${step.to}`, exitCode: code, stdout, stderr },
    'script' in step && step.hint !== undefined ? { hint: step.hint } : {},
  )
}
