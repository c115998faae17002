import type { Emit, ErrorReport, OperationStatus, RunFinished, RunStarted, Stopping } from '../engine/events.ts'
import { dispatch, type Handlers } from './consumer.ts'
import { operationLabel, operationName } from './wording.ts'

/** What a play's row shows. */
export interface PlayState {
  readonly name: string
  /** Hosts in all. */
  readonly total: number
  readonly batches: number
  /** The current batch, from 1; 0 before the first. */
  batch: number
  batchTotal: number
  batchDone: number
  /** Hosts whose body ended, however. */
  done: number
  /** Hosts that failed, or were lost, or never reached. */
  hostsFailed: number
  hostsUnreachable: number
  /** Operations by how they ended. */
  readonly operations: Record<OperationStatus, number>
  readonly startedAt: number
  finishedAt: number | undefined
  /** Why it was skipped. */
  skipped: string | undefined
}

/** An operation that runs now. */
export interface RunningOperation {
  readonly number: number
  readonly host: string
  /** With the tasks it is in. */
  readonly name: string
  /** Its kind and id alone. */
  readonly what: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** The last line it printed. */
  line: string
}

/** A host that is in a play's body. */
export interface RunningHost {
  readonly host: string
  /** Since when it has been doing what it does now, in milliseconds since 1970. */
  readonly since: number
  /** The newest of its running operations; `undefined` while it connects or computes. */
  readonly operation: RunningOperation | undefined
}

/** A host that didn't reach the end of a play. */
export interface HostFailure {
  readonly host: string
  readonly play: string
  readonly status: 'failed' | 'unreachable' | 'aborted'
  readonly reason: string | undefined
  readonly error: ErrorReport | undefined
}

/** Everything that a screen needs to know of a run. Changed in place by {@link reduce} alone. */
export interface RunState {
  started: RunStarted | undefined
  readonly plays: Map<string, PlayState>
  /** The play that runs now. */
  current: PlayState | undefined
  /** By host; the one that has been at its present work for longest comes first. */
  readonly running: Map<string, RunningHost>
  /** By operation number; the oldest first. */
  readonly operations: Map<number, RunningOperation>
  readonly connected: Set<string>
  readonly failures: HostFailure[]
  stopping: Stopping | undefined
  finished: RunFinished | undefined
}

/** The state before the first event. */
export const createState = (): RunState => ({
  started: undefined,
  plays: new Map(),
  current: undefined,
  running: new Map(),
  operations: new Map(),
  connected: new Set(),
  failures: [],
  stopping: undefined,
  finished: undefined,
})

const createPlay = (name: string, total: number, batches: number, at: number): PlayState => ({
  name,
  total,
  batches,
  batch: 0,
  batchTotal: 0,
  batchDone: 0,
  done: 0,
  hostsFailed: 0,
  hostsUnreachable: 0,
  operations: { ok: 0, changed: 0, may: 0, failed: 0, skipped: 0 },
  startedAt: at,
  finishedAt: undefined,
  skipped: undefined,
})

/** Maps keep the order of insertion: a host whose work changes goes to the end, so the first are always the slowest. */
function now(state: RunState, running: RunningHost): void {
  state.running.delete(running.host)
  state.running.set(running.host, running)
}

const nothing = () => {}

const reducer = (state: RunState): Handlers => ({
  'run-started': (event) => {
    state.started = event
  },
  notice: nothing,
  'play-started': (event) => {
    state.current = createPlay(event.play, event.hosts.length, event.batches, event.at)
    state.plays.set(event.play, state.current)
  },
  'play-skipped': (event) => {
    const play = createPlay(event.play, 0, 0, event.at)
    play.skipped = event.reason
    play.finishedAt = event.at
    state.plays.set(event.play, play)
  },
  'batch-started': (event) => {
    const play = state.plays.get(event.play)
    if (!play) return
    play.batch = event.batch
    play.batchTotal = event.hosts.length
    play.batchDone = 0
  },
  'host-started': (event) => now(state, { host: event.host, since: event.at, operation: undefined }),
  'host-connected': (event) => {
    state.connected.add(event.host)
    if (state.running.has(event.host)) now(state, { host: event.host, since: event.at, operation: undefined })
  },
  'operation-started': (event) => {
    const operation = {
      number: event.operation,
      host: event.host,
      name: operationName(event),
      what: operationLabel(event),
      since: event.at,
      line: '',
    }
    state.operations.set(event.operation, operation)
    // A list starts many operations at once: the one that began first is what the host is at.
    if (state.running.get(event.host)?.operation === undefined) {
      now(state, { host: event.host, since: event.at, operation })
    }
  },
  'operation-finished': (event) => {
    const play = state.plays.get(event.play)
    if (play) play.operations[event.status]++
    const operation = state.operations.get(event.operation)
    state.operations.delete(event.operation)
    if (operation === undefined || state.running.get(event.host)?.operation === operation) {
      if (state.running.has(event.host)) now(state, { host: event.host, since: event.at, operation: undefined })
    }
  },
  output: (event) => {
    const operation = state.operations.get(event.operation)
    if (!operation) return
    operation.line = event.line
    const running = state.running.get(event.host)
    // Of several operations of one host, the one that speaks is the one that runs.
    if (running && running.operation !== operation) {
      state.running.set(event.host, { host: event.host, since: running.since, operation })
    }
  },
  'command-sent': nothing,
  'asked-ahead': nothing,
  logged: nothing,
  'effect-finished': nothing,
  'host-finished': (event) => {
    // What an aborted body was at never ends on its own.
    const left = state.running.get(event.host)?.operation
    if (left) state.operations.delete(left.number)
    state.running.delete(event.host)
    const play = state.plays.get(event.play)
    if (play) {
      play.done++
      play.batchDone++
      if (event.status === 'failed') play.hostsFailed++
      if (event.status === 'unreachable') play.hostsUnreachable++
    }
    if (event.status === 'ok' || event.status === 'predicted') return
    const { host, play: name, status, reason, error } = event
    state.failures.push({ host, play: name, status, reason, error })
  },
  'play-finished': (event) => {
    const play = state.plays.get(event.play)
    if (play) play.finishedAt = event.at
    if (state.current === play) state.current = undefined
  },
  stopping: (event) => {
    state.stopping = event
  },
  'run-finished': (event) => {
    state.finished = event
    state.current = undefined
    state.running.clear()
    state.operations.clear()
  },
})

/** Takes events into a state of its own, in constant time each. */
export function createReducer(): { readonly state: RunState; readonly reduce: Emit } {
  const state = createState()
  const handlers = reducer(state)
  return { state, reduce: (event) => dispatch(handlers, event) }
}
