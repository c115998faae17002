import type { Emit } from '../engine/events.ts'
import { dispatch } from './consumer.ts'
import { eventLines, type LineOptions } from './event-lines.ts'
import { createReducer, type RunningOperation } from './state.ts'
import type { Writer } from './streams.ts'
import { summaryLines } from './summary.ts'
import { fit, safeLine } from './terminal-safe.ts'
import { duration } from './wording.ts'

export interface LinesOptions extends LineOptions {
  readonly writer: Writer
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
}

/** A step that runs for so long is worth a line, and another each half minute; no more than a few at a time. */
const longMs = 10_000
const repeatMs = 30_000
const longShown = 10

export interface Lines {
  readonly emit: Emit
  /** Tells of steps that have been running for long. Called each second by a timer of its own. */
  tick(): void
  close(): void
}

/** A run as lines of text, for pipes, files and CI: one for each event that matters. */
export function createLines({ writer, now = Date.now, ...options }: LinesOptions): Lines {
  const { palette } = options
  const { state, reduce } = createReducer()
  const handlers = eventLines(options)
  const told = new WeakMap<RunningOperation, number>()
  const write = (lines: readonly string[]) => {
    if (lines.length > 0) writer.write(`${lines.join('\n')}\n`)
  }
  const tick = () => {
    const time = now()
    const due: RunningOperation[] = []
    for (const operation of state.operations.values()) {
      if (time - operation.since < longMs) break
      if (time - (told.get(operation) ?? -Infinity) < repeatMs) continue
      told.set(operation, time)
      due.push(operation)
    }
    const lines = due.slice(0, longShown).map((operation) => {
      const last = operation.line === '' ? '' : `: ${fit(safeLine(operation.line), 120)}`
      return `${safeLine(operation.host)}: ${palette.dim(`running for ${duration(time - operation.since)}`)} ${operation.name}${last}`
    })
    const more = due.length - longShown
    write(more > 0 ? [...lines, palette.dim(`… and ${more} more long steps`)] : lines)
  }
  const timer = setInterval(tick, 1000).unref()
  return {
    tick,
    emit(event) {
      reduce(event)
      write(dispatch(handlers, event))
      if (event.type === 'run-finished') write(summaryLines(state, palette))
    },
    close: () => clearInterval(timer),
  }
}
