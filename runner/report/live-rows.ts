import type { Palette } from './palette.ts'
import type { HostFailure, PlayState, RunningHost, RunningOperation, RunState } from './state.ts'
import { fit, pad, safeLine, width } from './terminal-safe.ts'
import { count, duration } from './wording.ts'

export interface Space {
  readonly columns: number
  /** Lines there are for the play, its batch, hosts and failures together. */
  readonly rows: number
}

const shown = { slow: 5, failed: 5 }

/** A play's row: name, hosts done, and operations by how they ended; what does not fit is dropped from the right. */
export function playRow(play: PlayState, now: number, columns: number, palette: Palette): string {
  const { operations } = play
  const parts: (readonly [string, (text: string) => string])[] = [
    [`${play.done}/${columns < 60 ? play.total : count(play.total, 'host')}`, String],
    ...(play.hostsFailed > 0 ? [[`${play.hostsFailed} failed`, palette.failed] as const] : []),
    ...(play.hostsUnreachable > 0 ? [[`${play.hostsUnreachable} unreachable`, palette.failed] as const] : []),
    ...(operations.changed > 0 ? [[`${operations.changed} changed`, palette.changed] as const] : []),
    ...(operations.may > 0 ? [[`${operations.may} may`, palette.may] as const] : []),
    [`${operations.ok} ok`, palette.ok],
    ...(operations.skipped > 0 ? [[`${operations.skipped} skipped`, palette.dim] as const] : []),
    [duration((play.finishedAt ?? now) - play.startedAt), palette.dim],
  ]
  const name = safeLine(play.name)
  // The name gives way before the counters, down to a third of the line.
  const wanted = parts.reduce((sum, [text]) => sum + width(text) + 2, 0)
  const title = fit(name, Math.max(Math.floor(columns / 3), columns - wanted))
  let left = columns - width(title)
  let row = palette.bold(title)
  for (const [text, paint] of parts) {
    left -= width(text) + 2
    if (left < 0) break
    row += `  ${paint(text)}`
  }
  return row
}

/** The lines below a running play: its batch, the hosts that are slowest now, and the first of those that failed. */
export function detailRows(state: RunState, play: PlayState, now: number, space: Space, palette: Palette): string[] {
  let left = space.rows
  const take = (lines: readonly string[]) => {
    const taken = lines.slice(0, Math.max(0, left))
    left -= taken.length
    return taken
  }
  const stopping = take(
    state.stopping ? [palette.changed(fit(`stopping: ${safeLine(state.stopping.message)}`, space.columns))] : [],
  )
  const batch = take(
    play.batches > 1 && play.batch > 0
      ? [
          fit(
            `batch ${play.batch} of ${play.batches}: ${play.batchDone}/${count(play.batchTotal, 'host')}`,
            space.columns,
          ),
        ]
      : [],
  )
  const failures = state.failures.filter((failure) => failure.play === play.name)
  const room = Math.min(shown.failed, Math.max(0, Math.floor(left / 2)))
  const failed = take(
    capped(
      failures.slice(0, room).map((failure) => failedRow(failure, space.columns, palette)),
      room,
      failures.length,
      palette,
    ),
  )
  const slow = take(slowRows(state, now, Math.min(shown.slow, left), space.columns, palette))
  return [...stopping, ...batch, ...slow, ...failed]
}

function capped(lines: readonly string[], room: number, all: number, palette: Palette): string[] {
  if (all <= room) return [...lines]
  return room === 0 ? [] : [...lines.slice(0, room - 1), palette.dim(`and ${all - room + 1} more failed`)]
}

function failedRow({ host, status, reason, error }: HostFailure, columns: number, palette: Palette): string {
  const why = (reason ?? error?.message ?? '').split('\n', 1)[0] ?? ''
  return palette.failed(fit(`${safeLine(host)} ${status}: ${safeLine(why)}`, columns))
}

function slowRows(state: RunState, now: number, room: number, columns: number, palette: Palette): string[] {
  if (room <= 0) return []
  const slowest: RunningHost[] = []
  for (const running of state.running.values()) {
    if (slowest.length >= room) break
    slowest.push(running)
  }
  const hidden = state.running.size - slowest.length
  if (hidden > 0) slowest.pop()
  const names = Math.min(Math.floor(columns / 3), Math.max(0, ...slowest.map(({ host }) => width(safeLine(host)))))
  const rows = slowest.map(({ host, since, operation }) => {
    const doing = operation?.what ?? (state.connected.has(host) ? 'working' : 'connecting')
    const time = elapsed(now - since).padStart(6)
    return `${pad(fit(safeLine(host), names), names)} ${palette.dim(time)} ${doingNow(operation, doing, columns - names - 8)}`
  })
  return hidden > 0 ? [...rows, palette.dim(`and ${hidden + 1} more hosts at work`)] : rows
}

/** The task path gives way first, then the operation's name: the last line of a long step says most. */
function doingNow(operation: RunningOperation | undefined, doing: string, room: number): string {
  // In a narrow terminal there is no room for both.
  const line = operation?.line && room >= 40 ? `: ${safeLine(operation.line)}` : ''
  const name = operation && width(operation.name) + width(line) <= room ? operation.name : doing
  return fit(fit(name, line === '' ? room : Math.max(12, Math.floor(room / 2))) + line, room)
}

/** Whole seconds: more would only flicker. */
const elapsed = (ms: number) =>
  ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : duration(ms).replace(/ \d+ s$/, '')
