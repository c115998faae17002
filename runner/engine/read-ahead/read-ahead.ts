import { Lane, type LaneOptions } from './lane.ts'
import type { PlaysAhead } from './plays-ahead.ts'
import type { BodyRecord } from './record.ts'
import { type Recall, readAheadLimits } from './recall.ts'

export interface ReadAheadOptions {
  readonly play: string
  readonly host: string
  /** Left out, nothing is asked ahead, nor noted. */
  readonly recall: Recall | undefined
  /** What was and is asked for the plays to come. */
  readonly plays: PlaysAhead | undefined
  /** Grows whenever something may have changed a host, or any of them. */
  readonly epoch: (host: string | undefined) => number
  readonly onAhead: (host: string, user: string, questions: number) => void
}

/**
 * What one body asks ahead. Answers are of use while the body goes from one operation to the next and does nothing else:
 * whatever it waits for besides (another program, a timer, the network) may have changed the host, and they are dropped.
 */
export class ReadAhead {
  readonly #options: ReadAheadOptions
  readonly #last: BodyRecord
  readonly #lanes = new Map<string, { readonly host: string; readonly user: string | undefined; readonly lane: Lane }>()
  #flowing = true
  #ended = false

  constructor(options: ReadAheadOptions) {
    this.#options = options
    this.#last = options.recall?.of(options.play, options.host) ?? []
  }

  /** Of one host and user: root sees other things than others do. */
  lane(host: string, user: string | undefined): Lane {
    const key = `${host}\0${user ?? ''}`
    const known = this.#lanes.get(key)
    if (known) return known.lane
    const lane = new Lane(this.#laneOptions(host, user))
    if (this.#ended) lane.end()
    this.#lanes.set(key, { host, user, lane })
    return lane
  }

  #laneOptions(host: string, user: string | undefined): LaneOptions {
    const { play, host: own, plays, epoch, onAhead } = this.#options
    const last = this.#last.find((lane) => (lane.host ?? own) === host && lane.user === user)
    return {
      limits: this.#options.recall?.limits ?? readAheadLimits,
      stretches: last?.stretches ?? [],
      early: host === own ? plays?.take(play, own, user) : undefined,
      epoch: (remote) => epoch(remote ? undefined : host),
      onAsk: (session) => {
        if (host === own) plays?.behind(play, own, user, session)
      },
      later: (session, asked) => (host === own ? plays?.withRemote(play, own, user, session, asked) : undefined),
      onAhead: (session, questions) => onAhead(host, session.user, questions),
    }
  }

  /** The body begins. */
  begin(): void {
    this.settled()
  }

  /** The body ends: the plays after it are asked anew, where it waited for something at the last. */
  left(): void {
    if (!this.#flowing) this.#options.plays?.drop()
  }

  /** The body calls an operation. */
  called(): void {
    if (!this.#flowing) this.drop()
  }

  /**
   * An operation is settled. What the body calls before this turn of the event loop is over, it calls because of that: a
   * tick comes once no more promises are to be told, and before anything from outside.
   */
  settled(): void {
    this.#flowing = true
    process.nextTick(() => {
      this.#flowing = false
    })
  }

  /** Something may have changed the host otherwise than by this body's operations. */
  drop(): void {
    for (const { lane } of this.#lanes.values()) lane.drop()
    this.#options.plays?.drop()
  }

  /** The body changes a host, which may be any of its hosts under another name. */
  end(): void {
    this.#ended = true
    for (const { lane } of this.#lanes.values()) lane.end()
  }

  /** The body came well to its end: what it asked is kept for the next run. */
  learn(): void {
    const { recall, play, host: own } = this.#options
    const record = [...this.#lanes.values()].flatMap(({ host, user, lane }) => {
      const { stretches } = lane.recorder
      if (stretches.length === 0) return []
      return [{ ...(host === own ? {} : { host }), ...(user === undefined ? {} : { user }), stretches }]
    })
    recall?.learn(play, own, record)
  }
}
