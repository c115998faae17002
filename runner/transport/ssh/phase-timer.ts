/** One limit at a time, for the phase that a connection is in. */
export class PhaseTimer {
  readonly #expired: (phase: string, ms: number) => void
  #timer: NodeJS.Timeout | undefined
  #phase = ''
  #ms = 0
  #stopped = false
  #paused = 0

  constructor(expired: (phase: string, ms: number) => void) {
    this.#expired = expired
  }

  /** Begins a phase: the limit of the one before no longer counts. */
  start(phase: string, ms: number): void {
    this.#phase = phase
    this.#ms = ms
    clearTimeout(this.#timer)
    if (this.#stopped || this.#paused > 0) return
    this.#timer = setTimeout(() => this.#expired(phase, ms), ms)
  }

  /** Lets no limit run out while a person is asked; the phase then begins anew. */
  async pausedFor<T>(wait: Promise<T>): Promise<T> {
    this.#paused++
    clearTimeout(this.#timer)
    try {
      return await wait
    } finally {
      this.#paused--
      this.start(this.#phase, this.#ms)
    }
  }

  /** Ends all limits for good. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
