import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnector } from '../../runner/engine/connector.ts'
import type { Event, OperationFinished } from '../../runner/engine/events.ts'
import { Body } from '../../runner/engine/host/body.ts'
import { HostHandle } from '../../runner/engine/host/handle.ts'
import { type BodyEnd, runBody } from '../../runner/engine/host/run-body.ts'
import { Recall, type ReadAheadLimits } from '../../runner/engine/read-ahead/recall.ts'
import { RunContext } from '../../runner/engine/run-context.ts'
import { Stop } from '../../runner/engine/stop.ts'
import type { Host } from '../../runner/model/host.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { memoryRecords } from './memory-records.ts'

export interface BodyReport {
  readonly end: BodyEnd
  readonly events: readonly Event[]
  /** Operations as `kind status`, in order. */
  readonly statuses: readonly string[]
  readonly finished: readonly OperationFinished[]
  /** What the operations cost, the opening of the session left out. */
  readonly roundTrips: number
}

/** Runs single bodies on this machine through a real shell, in a temporary folder. */
export class EngineRig implements AsyncDisposable {
  readonly folder: string
  readonly stop = new Stop()
  /** What was asked, by play and host, where the rig reads ahead. */
  readonly records = memoryRecords()
  /** So long that a slow machine is not taken for a slow host. */
  limits: ReadAheadLimits = { lifetimeMs: 600_000, answerMs: 600_000 }
  readonly #readAhead: boolean
  readonly #connector = createConnector({
    dialer: createDialer(),
    targetOf: (name) => ({ name, transport: 'local' }),
    emit: () => {},
  })

  constructor(folder: string, readAhead: boolean) {
    this.folder = folder
    this.#readAhead = readAhead
  }

  static async make({ readAhead = false } = {}): Promise<EngineRig> {
    return new EngineRig(await mkdtemp(join(tmpdir(), 'tsplay-engine-')), readAhead)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Loses the host's session, as a reboot does. */
  async loseSession(): Promise<void> {
    await (await this.#connector.session('here', undefined)).close()
  }

  run(body: (host: Host) => Promise<unknown>): Promise<BodyReport> {
    return this.#body(body, false)
  }

  check(body: (host: Host) => Promise<unknown>): Promise<BodyReport> {
    return this.#body(body, true)
  }

  async #body(act: (host: Host) => Promise<unknown>, check: boolean): Promise<BodyReport> {
    const events: Event[] = []
    const run = new RunContext({
      id: 'test',
      check,
      connector: this.#connector,
      emit: (event) => void events.push(event),
      stop: this.stop,
      ready: Promise.resolve(),
      hosts: () => ['here', 'there'],
      varsOf: () => ({}),
      ...(this.#readAhead ? { recall: new Recall(this.records, this.limits) } : {}),
    })
    const session = await this.#connector.session('here', undefined)
    const before = session.roundTrips
    const context = new Body(run, 'test', 'here', check)
    const end = await runBody(context, new HostHandle(context, 'here', {}, undefined), act)
    const finished = events.filter((event) => event.type === 'operation-finished')
    const statuses = finished.map(({ kind, status }) => `${kind} ${status}`)
    return { end, events, statuses, finished, roundTrips: session.roundTrips - before }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connector.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
