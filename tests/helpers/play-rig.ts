import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { type Connector, createConnector, type Dialer } from '../../runner/engine/connector.ts'
import type { Event, HostFinished, RunFinished } from '../../runner/engine/events.ts'
import { checkPlayVars } from '../../runner/engine/play/vars.ts'
import type { Recall } from '../../runner/engine/read-ahead/recall.ts'
import { runPlaybook } from '../../runner/engine/run.ts'
import { Stop } from '../../runner/engine/stop.ts'
import { isPlaybook, type Playbook } from '../../runner/model/playbook.ts'
import type { Session } from '../../runner/session/session.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import type { Target } from '../../runner/transport/target.ts'

export interface PlaysOptions {
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly check?: boolean
  readonly forks?: number
  readonly ready?: Promise<void>
  readonly recall?: Recall
  readonly stop?: Stop
  readonly dialer?: Dialer
  readonly onEvent?: (event: Event) => void
}

export interface PlaysReport {
  readonly finished: RunFinished
  readonly events: readonly Event[]
  /** How each body ended, as `play/host status`, in order. */
  readonly ends: readonly string[]
  /** Plays that were skipped, as `play: reason`. */
  readonly skipped: readonly string[]
  readonly notices: readonly string[]
  /** What all of it cost on all hosts, the opening of sessions left out. */
  readonly roundTrips: number
  of(play: string, host: string): HostFinished
}

/** Runs whole playbooks on many hosts, each of which is this machine under a name of its own. */
export class PlayRig implements AsyncDisposable {
  readonly folder: string
  readonly #hosts: readonly string[]

  private constructor(folder: string, hosts: readonly string[]) {
    this.folder = folder
    this.#hosts = hosts
  }

  static async make(hosts: readonly string[] = ['h1', 'h2', 'h3', 'h4']): Promise<PlayRig> {
    return new PlayRig(await mkdtemp(join(tmpdir(), 'tsplay-plays-')), hosts)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Takes a file away. */
  async clear(name: string): Promise<void> {
    await rm(this.path(name), { force: true })
  }

  async run(playbook: Playbook, options: PlaysOptions = {}): Promise<PlaysReport> {
    if (!isPlaybook(playbook)) throw new Error('no playbook')
    const events: Event[] = []
    const emit = (event: Event) => {
      events.push(event)
      options.onEvent?.(event)
    }
    const inventory = await loadInventory([`${this.#hosts.join(',')},`])
    const stop = options.stop ?? new Stop()
    const connector = createConnector({
      dialer: options.dialer ?? createDialer(),
      targetOf: (name): Target => ({ name, transport: 'local' }),
      emit,
      signal: stop.abort,
    })
    const sessions = new Map<Session, number>()
    const counting: Connector = {
      ...connector,
      async session(host, become) {
        const session = await connector.session(host, become)
        if (!sessions.has(session)) sessions.set(session, session.roundTrips)
        return session
      },
    }
    const finished = await runPlaybook({
      playbook,
      file: 'site.ts',
      inventory,
      varsOf: await checkPlayVars(playbook, inventory, (pattern) => selectHosts(inventory, pattern)),
      check: options.check ?? false,
      forks: options.forks ?? 10,
      user: 'tester',
      connector: counting,
      emit,
      stop,
      runId: 'test',
      command: [],
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...(options.tags === undefined ? {} : { tags: options.tags }),
      ...(options.recall === undefined ? {} : { recall: options.recall }),
      ...(options.ready === undefined ? {} : { ready: options.ready }),
    })
    const roundTrips = [...sessions].reduce((sum, [session, before]) => sum + session.roundTrips - before, 0)
    return reportOf(finished, events, roundTrips)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

function reportOf(finished: RunFinished, events: readonly Event[], roundTrips: number): PlaysReport {
  const bodies = events.filter((event) => event.type === 'host-finished')
  return {
    finished,
    events,
    roundTrips,
    ends: bodies.map(({ play, host, status }) => `${play}/${host} ${status}`),
    skipped: events.filter((event) => event.type === 'play-skipped').map(({ play, reason }) => `${play}: ${reason}`),
    notices: events.filter((event) => event.type === 'notice').map(({ message }) => message),
    of(play, host) {
      const found = bodies.find((body) => body.play === play && body.host === host)
      if (found === undefined) throw new Error(`"${play}" did not run on ${host}`)
      return found
    },
  }
}
