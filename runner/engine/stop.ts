import { setMaxListeners } from 'node:events'
import { TsplayError } from '../model/errors.ts'

/**
 * The user's wish to stop, in three steps: no new work; bodies abort, only clean-up still runs; everything is killed.
 */
export class Stop {
  readonly #noNewWork = new AbortController()
  readonly #abort = new AbortController()
  readonly #kill = new AbortController()
  #stage: 0 | 1 | 2 | 3 = 0
  #fatal = false

  constructor() {
    // Every connection and every command listens: as many as there are hosts, and that is no leak.
    setMaxListeners(0, this.#noNewWork.signal, this.#abort.signal, this.#kill.signal)
  }

  get stage(): 0 | 1 | 2 | 3 {
    return this.#stage
  }

  /** No new hosts, batches or plays are begun. */
  get noNewWork(): AbortSignal {
    return this.#noNewWork.signal
  }

  /** Running bodies end at their next operation, and running commands are killed. */
  get abort(): AbortSignal {
    return this.#abort.signal
  }

  /** Sessions are closed; only detached steps live on. */
  get kill(): AbortSignal {
    return this.#kill.signal
  }

  /** One step further. */
  request(): void {
    this.#stage = Math.min(this.#stage + 1, 3) as 1 | 2 | 3
    const controllers = [this.#noNewWork, this.#abort, this.#kill]
    controllers[this.#stage - 1]?.abort(new TsplayError('ABORTED', 'the run was stopped'))
  }

  /** Whether a failure ended the run, not the user. */
  get isFatal(): boolean {
    return this.#fatal
  }

  /** Ends the run because of a failure that must stop everything: no new work, and no further operations. */
  fatal(): void {
    this.#fatal = this.#stage === 0
    while (this.#stage < 2) this.request()
  }
}
