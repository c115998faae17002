import { createConnector } from '../../runner/engine/connector.ts'
import type { Event, OperationFinished } from '../../runner/engine/events.ts'
import { askProbes, parseProbe } from '../../runner/engine/exchange/probes.ts'
import { Body } from '../../runner/engine/host/body.ts'
import { HostHandle } from '../../runner/engine/host/handle.ts'
import { runBody } from '../../runner/engine/host/run-body.ts'
import { RunContext } from '../../runner/engine/run-context.ts'
import { Stop } from '../../runner/engine/stop.ts'
import type { Host } from '../../runner/model/host.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { isResource, type Resource } from '../../runner/model/resource.ts'
import { openSession } from '../../runner/session/open.ts'
import type { Place, PlaceConnection } from './place.ts'

export interface TrialOptions extends PlaceConnection {
  readonly check?: boolean
  /** Called right before the first change is sent. */
  readonly onSend?: () => void
}

export interface Trial {
  readonly finished: readonly OperationFinished[]
  /** `ok`, `changed` …: how the first operation ended, or `nothing` where none did. */
  readonly status: string
  readonly error: Error | undefined
  /** What the operations cost, the opening of the session left out. */
  readonly roundTrips: number
  /** What the operations printed, and what was sent. */
  readonly output: string
}

/** A machine that is busy with other things is no finding: what is tried here goes by no clock. */
const limits = { readyTimeoutMs: 120_000, leaseSeconds: 300 }

/** Runs a body against a place, or predicts it. What it throws is given, not thrown. */
export async function trial(
  place: Place,
  act: (host: Host) => Promise<unknown>,
  options: TrialOptions = {},
): Promise<Trial> {
  const [only] = await trials(place, [act], options)
  return only as Trial
}

/**
 * The same for bodies of several runs, one after the other, until one fails; in one session, in which each run asks anew
 * what it has to know.
 */
export async function trials(
  place: Place,
  acts: readonly ((host: Host) => Promise<unknown>)[],
  { check = false, onSend, ...connection }: TrialOptions = {},
): Promise<readonly Trial[]> {
  let events: Event[] = []
  const emit = (event: Event) => {
    if (event.type === 'command-sent') onSend?.()
    events.push(event)
  }
  const dialer = { dial: async () => place.connect(connection), close: async () => {} }
  const connector = createConnector({ dialer, targetOf: (name) => ({ name }), emit, limits })
  const made: Trial[] = []
  try {
    for (const act of acts) {
      events = []
      const run = new RunContext({
        id: 'trial',
        check,
        connector,
        emit,
        stop: new Stop(),
        ready: Promise.resolve(),
        hosts: () => ['there'],
        varsOf: () => ({}),
      })
      const session = await connector.session('there', undefined)
      const before = session.roundTrips
      const body = new Body(run, 'trial', 'there', check)
      const handle = new HostHandle(body, 'there', {}, undefined)
      const end = await runBody(body, handle, async (host) => void (await act(host)))
      const finished = events.filter((event) => event.type === 'operation-finished')
      made.push({
        finished,
        status: finished[0]?.status ?? 'nothing',
        error: end.status === 'failed' ? asError(end.error) : undefined,
        roundTrips: session.roundTrips - before,
        output: events.map((event) => (event.type === 'output' ? `${event.line}\n` : '')).join(''),
      })
      if (end.status === 'failed') break
    }
    return made
  } finally {
    await connector.close()
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(JSON.stringify(error)))

/** Asks a place the probes by name, as root. */
export async function ask(
  place: Place,
  probes: Readonly<Record<string, Probe<unknown>>>,
): Promise<Record<string, unknown>> {
  const connection = place.connect()
  const session = await openSession(connection, limits)
  try {
    const raw = await askProbes(session, Object.values(probes))
    return Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, parseProbe(probe, raw)]))
  } finally {
    await session.close()
    await connection.close()
  }
}

/** A resource as the engine sees it. */
export function bound(resource: Resource) {
  if (!isResource(resource)) throw new Error('not a resource')
  const { definition, options } = resource
  return { definition, options, probes: definition.probes(options) as Readonly<Record<string, Probe<unknown>>> }
}
