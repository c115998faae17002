import type { OperationFinished } from '../../runner/engine/events.ts'
import { disagreement } from '../resources/agreement.ts'
import type { TsplayEnd } from './tsplay.ts'

/** What each operation of a run came to, by host, play, kind, identity and how often it was met before. */
export type Outcomes = ReadonlyMap<string, OperationFinished>

export function outcomes({ events }: TsplayEnd): Outcomes {
  const found = new Map<string, OperationFinished>()
  for (const event of events) {
    if (event.type !== 'operation-finished') continue
    for (let n = 1; ; n++) {
      const key = `${event.host} ${event.play}: ${event.kind} ${event.id} #${n}`
      if (found.has(key)) continue
      found.set(key, event)
      break
    }
  }
  return found
}

/** Where a prediction was not kept, a line each: certain ⊆ made ⊆ certain ∪ may, by field and value. */
export const broken = (predicted: Outcomes, made: Outcomes): string[] =>
  [...new Set([...predicted.keys(), ...made.keys()])].flatMap((key) =>
    disagreement(predicted.get(key), made.get(key)).map((what) => `${key}: ${what}`),
  )

/** Operations that were only foreseen as possible, with their reasons. */
export const possible = (predicted: Outcomes): string[] =>
  [...predicted].flatMap(([key, { status, reason }]) => (status === 'may' ? [`${key}: ${reason}`] : []))

/** Counts by host. */
export function recap({ events }: TsplayEnd) {
  const last = events.at(-1)
  return last?.type === 'run-finished' ? last.recap : {}
}

/** What went wrong, for the message of an assertion. */
export const shown = (end: TsplayEnd) =>
  end.stderr +
  end.events
    .flatMap((event) => ('error' in event && event.error ? [`${JSON.stringify(event)}\n`] : []))
    .slice(0, 8)
    .join('')
