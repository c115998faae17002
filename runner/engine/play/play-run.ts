import type { LimitFunction } from 'p-limit'
import { ConnectError, TsplayError } from '../../model/errors.ts'
import { errorReport } from '../error-report.ts'
import { Body } from '../host/body.ts'
import { HostHandle } from '../host/handle.ts'
import { runBody } from '../host/run-body.ts'
import type { RunContext } from '../run-context.ts'
import type { Given } from './needs.ts'
import { batchesOf, type Selected } from './selection.ts'

/** What a play left behind for the plays after it. */
export interface PlayRun {
  /** Results of the hosts that came to their end. */
  readonly results: ReadonlyMap<string, unknown>
  /** Hosts that take no part any more. */
  readonly lost: ReadonlySet<string>
  /** Why the whole run is to end, when it is. */
  readonly fatal: string | undefined
}

export interface PlayRunOptions {
  readonly run: RunContext
  readonly selected: Selected
  readonly given: Given
  /** Hosts that failed before. */
  readonly lost: ReadonlySet<string>
  readonly gate: LimitFunction
  readonly varsOf: (host: string) => Readonly<Record<string, unknown>>
}

/** Runs one play, batch after batch; in a batch no host waits for another. */
export async function runPlay({ run, selected, given, lost, gate, varsOf }: PlayRunOptions): Promise<PlayRun> {
  const { play } = selected
  const hosts = selected.limited.filter((host) => !lost.has(host))
  const batches = batchesOf(hosts, play.serial)
  run.emit({ type: 'play-started', at: Date.now(), play: play.name, hosts, batches: batches.length })
  const results = new Map<string, unknown>()
  const failed = new Set<string>()
  let fatal: string | undefined
  for (const [i, batch] of batches.entries()) {
    if (run.stop.noNewWork.aborted || fatal !== undefined) break
    if (batches.length > 1)
      run.emit({ type: 'batch-started', at: Date.now(), play: play.name, batch: i + 1, hosts: batch })
    const before = failed.size
    const one = (host: string) =>
      gate(() => (run.stop.noNewWork.aborted ? undefined : runHost(run, selected, given, host, varsOf(host))))
    const ends = await Promise.all(batch.map(async (host) => ({ host, end: await one(host) })))
    for (const { host, end } of ends) {
      if (end === undefined) continue
      if (end.ok) results.set(host, end.value)
      else if (!end.predicted) failed.add(host)
    }
    fatal = tooMany(play, failed.size - before, batch.length)
  }
  run.emit({ type: 'play-finished', at: Date.now(), play: play.name })
  return { results, lost: failed, fatal }
}

function tooMany(play: Selected['play'], failed: number, batch: number): string | undefined {
  if (failed === 0) return undefined
  if (play.anyErrorsFatal) return `"${play.name}" lets no host fail, and ${failed} did`
  if ((failed / batch) * 100 > play.maxFailPercentage)
    return `${failed} of ${batch} hosts failed in "${play.name}", more than its ${play.maxFailPercentage} %`
  return failed === batch && play.serial.length > 0 ? `every host of a batch of "${play.name}" failed` : undefined
}

type HostEnd =
  | { readonly ok: true; readonly value: unknown }
  /** `predicted`: check mode could not go on, which is no failure. */
  | { readonly ok: false; readonly predicted?: true }

/** Runs the body of one play on one host, and tells how it ended. `check` reads only. */
export async function runHost(
  run: RunContext,
  { play }: Selected,
  given: Given,
  host: string,
  vars: Readonly<Record<string, unknown>>,
  check = run.check,
): Promise<HostEnd & { readonly converged?: boolean }> {
  const started = Date.now()
  run.emit({ type: 'host-started', at: started, host, play: play.name })
  const body = new Body(run, play.name, host, check)
  const handle = new HostHandle(body, host, vars, play.become)
  const end = await runBody(body, handle, (it) => play.body(it, given))
  const at = Date.now()
  const event = {
    type: 'host-finished',
    at,
    host,
    play: play.name,
    changed: body.changed,
    durationMs: at - started,
  } as const
  switch (end.status) {
    case 'ok':
      run.emit({ ...event, status: 'ok' })
      return { ok: true, value: end.value, converged: body.predicted === 0 }
    case 'predicted':
      run.emit({ ...event, status: 'predicted', reason: end.reason })
      doubt(run, host, `the prediction of "${play.name}" ended before: ${end.reason}`)
      return { ok: false, predicted: true, converged: false }
    case 'failed':
      run.emit({ ...event, status: failureStatus(end.error), error: errorReport(end.error) })
      return { ok: false, converged: false }
  }
}

/** What the rest of a body would have done is not known: nothing that comes after it is certain on that host. */
function doubt(run: RunContext, host: string, reason: string): void {
  run.doubts.set(host, reason)
  run.overlay(host).cloud(reason)
}

function failureStatus(error: unknown): 'unreachable' | 'aborted' | 'failed' {
  if (error instanceof ConnectError) return 'unreachable'
  return error instanceof TsplayError && error.code === 'ABORTED' ? 'aborted' : 'failed'
}
