import type { Event } from '../engine/events.ts'

/** What JSON leaves raw and a terminal or a line reader may obey: C1 controls, line separators, bidirectional marks. */
const raw = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * An event as one line of JSON, final newline included. Never throws: an event that can't be written (a secret that
 * slipped into a change refuses to be serialised) becomes a notice that says so, without any of its content.
 */
export function eventLine(event: Event): string {
  let json: string
  try {
    json = JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  } catch {
    const message = `an event of type ${event.type} holds something that can not be written`
    json = JSON.stringify({ type: 'notice', at: event.at, level: 'warning', message } satisfies Event)
  }
  return `${json.replaceAll(raw, escaped)}\n`
}
