import { ConnectError, TsplayError } from '../../model/errors.ts'
import type { PlayDefinition } from '../../model/playbook.ts'
import { errorReport } from '../error-report.ts'
import { Body } from '../host/body.ts'
import { HostHandle } from '../host/handle.ts'
import { runBody } from '../host/run-body.ts'
import { redact } from '../redact.ts'
import type { RunContext } from '../run-context.ts'
import type { Given } from './needs.ts'

/** How a play ended on one host. */
export type HostEnd =
  | { readonly status: 'ok'; readonly value: unknown; /** Nothing differed. */ readonly converged: boolean }
  | { readonly status: 'predicted'; readonly reason: string }
  | { readonly status: 'failed' }

export interface HostRun {
  readonly run: RunContext
  readonly play: PlayDefinition
  readonly given: Given
  readonly host: string
  readonly vars: Readonly<Record<string, unknown>>
  /** Nothing may be changed, although the run is no check. @default that of the run */
  readonly check?: boolean
}

/** Runs the body of one play on one host, and tells how it ended. Never rejects. */
export async function runHost({ run, play, given, host, vars, check = run.check }: HostRun): Promise<HostEnd> {
  const started = Date.now()
  run.emit({ type: 'host-started', at: started, host, play: play.name })
  const body = new Body(run, play.name, host, check)
  const handle = new HostHandle(body, host, vars, play.become)
  const end = await runBody(body, handle, (it) => play.body(it, given))
  const at = Date.now()
  const shared = { type: 'host-finished', at, host, play: play.name } as const
  const event = { ...shared, changed: body.changed, durationMs: at - started }
  switch (end.status) {
    case 'ok':
      run.emit({ ...event, status: 'ok' })
      return { status: 'ok', value: end.value, converged: body.predicted === 0 }
    case 'predicted':
      run.emit({ ...event, status: 'predicted', reason: redact(end.reason) })
      doubt(run, host, `the prediction of "${play.name}" ended before: ${end.reason}`)
      return end
    case 'failed':
      run.emit({ ...event, status: failureStatus(end.error), error: errorReport(end.error) })
      return { status: 'failed' }
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
