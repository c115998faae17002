import { type BodyRecord, readRecord } from './record.ts'

/** Where it is kept what bodies asked, from one run to the next. */
export interface RecordStore {
  /** What the play asked of the host the last time; anything at all, since it comes from a file. */
  last(play: string, host: string): unknown
  keep(play: string, host: string, record: BodyRecord): void
}

/** In milliseconds. */
export interface ReadAheadLimits {
  /** How long an answer may wait to be used. */
  readonly lifetimeMs: number
  /** Within this, what is asked ahead has to be answered, or an operation would wait for what is not its own. */
  readonly answerMs: number
}

export const readAheadLimits: ReadAheadLimits = { lifetimeMs: 30_000, answerMs: 20_000 }

/** What the bodies of a run may ask ahead: what they asked in the last run, or else the play's first host in this one. */
export class Recall {
  readonly limits: ReadAheadLimits
  readonly #store: RecordStore | undefined
  readonly #first = new Map<string, BodyRecord>()

  constructor(store?: RecordStore, limits = readAheadLimits) {
    this.#store = store
    this.limits = limits
  }

  of(play: string, host: string): BodyRecord {
    const last = readRecord(this.#store?.last(play, host))
    return last.length > 0 ? last : (this.#first.get(play) ?? [])
  }

  /** A body came to its end. */
  learn(play: string, host: string, record: BodyRecord): void {
    if (record.length === 0) return
    if (!this.#first.has(play)) this.#first.set(play, record)
    this.#store?.keep(play, host, record)
  }
}
