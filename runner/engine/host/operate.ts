import { userFrame } from '../../model/call-site.ts'
import type { Change } from '../../model/change.ts'
import { TsplayError } from '../../model/errors.ts'
import { PredictionEnd, showUnknown } from '../../model/unknown.ts'
import { errorReport } from '../error-report.ts'
import type { OperationStatus } from '../events.ts'
import { presentable, redact } from '../redact.ts'
import { safeLines } from './lines.ts'
import type { HostHandle } from './handle.ts'
import { Operation } from './operation.ts'

/** How one thing ended, as the engine found it. */
export interface Ending {
  readonly status: OperationStatus
  readonly changes: readonly Change[]
  readonly reason?: string
}

/** What an operation that is under way may do. */
export interface Report {
  /** Takes output of the host as it arrives. */
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  finish(ending: Ending): void
  fail(error: unknown): void
}

/** Tells the world that something begins on a host, and gives what is needed to tell how it ends. */
export function report(handle: HostHandle, kind: string, id: string): Report {
  const { body, taskPath } = handle
  const { emit } = body.run
  const operation = body.run.nextOperation()
  const started = Date.now()
  const shared = { host: handle.host, play: body.play, operation, taskPath, kind, id: redact(showUnknown(id)) }
  const { taskPath: _path, kind: _kind, id: _id, ...where } = shared
  emit({ type: 'operation-started', at: started, ...shared })
  const lines = safeLines((stream, line) =>
    emit({ type: 'output', at: Date.now(), ...where, stream, line: redact(line) }),
  )
  const finish = (ending: Ending & { readonly error?: unknown }) => {
    lines.end()
    const at = Date.now()
    const { error, changes, ...rest } = ending
    emit({
      type: 'operation-finished',
      at,
      ...shared,
      ...rest,
      changes: changes.map(publicChange),
      durationMs: at - started,
      ...(error === undefined ? {} : { error: errorReport(error) }),
    })
  }
  return {
    output: (stream, chunk) => lines.push(stream, chunk),
    finish(ending) {
      if (ending.status === 'changed') handle.noteChange()
      if (ending.status === 'may' && ending.reason !== undefined) handle.noteMay(ending.reason)
      if (body.check && ending.status !== 'ok') body.predicted++
      finish({ ...ending, ...(ending.reason === undefined ? {} : { reason: redact(showUnknown(ending.reason)) }) })
    },
    fail(error) {
      if (error instanceof PredictionEnd)
        return finish({ status: 'may', changes: [], reason: redact(showUnknown(error.reason)) })
      finish({ status: 'failed', changes: [], error })
    },
  }
}

/** A change as it may be shown and stored. */
function publicChange(change: Change): Change {
  if (change.restricted) return { field: change.field, before: undefined, after: undefined, restricted: true }
  return { ...change, before: presentable(change.before), after: presentable(change.after) }
}

export interface OperateOptions {
  /** Whether it waits for the body's operations before it. @default true */
  readonly inTurn?: boolean
  /** Whether no other body may change the host meanwhile. @default false */
  readonly alone?: boolean
}

/** Runs something as one operation of a host: in its turn, never unnoticed when forgotten, with errors that say where. */
export function operate<T>(
  handle: HostHandle,
  what: string,
  act: () => Promise<T>,
  { inTurn = true, alone = false }: OperateOptions = {},
): Operation<T> {
  const { body } = handle
  body.ahead.called()
  const site = callSiteOf()
  const begin = () => {
    body.proceed()
    return act()
  }
  const begun = alone ? () => body.run.alone(handle.host, begin) : begin
  const operation = Operation.start(async () => {
    try {
      body.admit(what)
      return await (inTurn ? body.inTurn(begun) : begun())
    } catch (error) {
      if (error instanceof PredictionEnd) body.end(error)
      else if (error instanceof TsplayError) {
        error.at ??= userFrame(site.stack)
        error.host ??= handle.host
        error.taskPath ??= handle.taskPath
      }
      throw error
    }
  })
  body.track(operation, what, site)
  return operation
}

function callSiteOf(): Error {
  const limit = Error.stackTraceLimit
  // Deep enough to reach the playbook through tasks of tasks; the text is made only if somebody asks for it.
  Error.stackTraceLimit = 40
  const site = new Error('called here')
  Error.stackTraceLimit = limit
  return site
}
