import { userFrame } from '../../model/call-site.ts'
import { TsplayError } from '../../model/errors.ts'
import type { Trigger } from '../../model/trigger.ts'
import { PredictionEnd } from '../../model/unknown.ts'
import type { Session } from '../../session/session.ts'
import { ReadAhead } from '../read-ahead/read-ahead.ts'
import type { RunContext } from '../run-context.ts'
import type { Operation } from './operation.ts'
import { bodyScope, cleaningScope } from './scope.ts'

/** A trigger that is to be settled, and as whom. */
export interface Due {
  readonly host: string
  readonly user: string | undefined
  readonly trigger: Trigger
  /** An earlier run left it due, and the host says that it still is. */
  readonly owed: boolean
}

interface Pending {
  readonly operation: Operation<unknown>
  readonly what: string
  readonly site: Error
  settled: boolean
}

/** One host's body of one play, while it runs: what its operations share. */
export class Body {
  readonly run: RunContext
  readonly play: string
  readonly host: string
  /** Nothing may be changed here: the run is a check, or the host is only read because another play needs it. */
  readonly check: boolean
  readonly due = new Map<string, Due>()
  readonly cleanups: (() => Promise<void>)[] = []
  readonly ahead: ReadAhead
  changed = false
  /** Predicted changes so far, certain or not. */
  predicted = 0
  #uncertain: string | undefined
  #ended: PredictionEnd | undefined
  #state: 'open' | 'ending' | 'closed' = 'open'
  #onStray: (error: TsplayError) => void = () => {}
  #queue: Promise<unknown> = Promise.resolve()
  readonly #pending = new Set<Pending>()
  readonly #waitedFor = new WeakSet<Session>()
  /** Rejects with the failure of work that nobody waited for. */
  readonly stray: Promise<never>

  constructor(run: RunContext, play: string, host: string, check: boolean) {
    this.run = run
    this.play = play
    this.host = host
    this.check = check
    this.#uncertain = check ? run.doubts.get(host) : undefined
    this.ahead = new ReadAhead({
      play,
      host,
      recall: run.recall,
      epoch: (it) => run.epoch(it),
      plays: run.playsAhead,
      onAhead: (it, user, questions) => run.askedAhead(it, user, questions),
    })
    this.stray = new Promise<never>((_, reject) => {
      this.#onStray = reject
    })
    this.stray.catch(() => {})
  }

  /** Why what comes now can't be predicted for certain, although it may well be so. */
  get uncertain(): string | undefined {
    return this.#uncertain
  }

  /** From here on predictions are only `may`. The first reason stays. */
  downgrade(reason: string): void {
    if (this.check) this.#uncertain ??= reason
  }

  /** An uncertain `changed` was read: what whichever body read it does next is only a `may`. */
  readUncertain(reason: string): void {
    const reader = bodyScope.getStore() ?? this
    reader.downgrade(reason)
  }

  /** Why the prediction ended, once it has. */
  get ended(): PredictionEnd | undefined {
    return this.#ended
  }

  end(reason: PredictionEnd): void {
    this.#ended ??= reason
  }

  /** What ends running commands: the second Ctrl-C, and for clean-up only the third. */
  get signal(): AbortSignal {
    return this.#cleaning ? this.run.stop.kill : this.run.stop.abort
  }

  /** Whether this very call comes from clean-up: what is left of the body may still be running beside it. */
  get #cleaning(): boolean {
    return cleaningScope.getStore() === this
  }

  /** Throws where an operation may not be called any more. */
  admit(what: string): void {
    if (this.#state === 'closed' || (this.#state === 'ending' && !this.#cleaning)) {
      throw new TsplayError('PLAYBOOK', `${what} was called after the body of "${this.play}" had ended`, {
        hint: 'Something was not awaited: every call of a host, and every task, needs an await.',
      })
    }
    this.proceed()
  }

  /** Throws where an operation that was called in time may not begin any more. */
  proceed(): void {
    if (this.#ended) throw this.#ended
    if (this.signal.aborted) throw new TsplayError('ABORTED', 'stopped before this operation began')
  }

  /** One after another, in the order of the calls. */
  async inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(act)
    this.#queue = turn.catch(() => {})
    return turn
  }

  track(operation: Operation<unknown>, what: string, site: Error): void {
    const pending: Pending = { operation, what, site, settled: false }
    this.#pending.add(pending)
    const done = () => {
      this.ahead.settled()
      pending.settled = true
      if (operation.awaited) this.#pending.delete(pending)
    }
    void Promise.prototype.then.call(operation, done, done)
  }

  async session(host: string, user: string | undefined): Promise<Session> {
    const session = await this.run.connector.session(host, user)
    if (session.pending.length > 0 && !this.#waitedFor.has(session)) {
      // Opening it waited for a step of an earlier run.
      this.#waitedFor.add(session)
      this.run.noteChange(host)
    }
    return session
  }

  /** To be disposed of once the host is changed: what was asked before that, or meanwhile, may be otherwise by then. */
  changing(host: string): Disposable {
    this.noteChange(host)
    return { [Symbol.dispose]: () => this.noteChange(host) }
  }

  /** The host may have been changed by this body. */
  noteChange(host: string): void {
    this.run.noteChange(host)
    this.ahead.end()
  }

  /** Settles once no operation is under way. Never rejects. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#pending].map(({ operation }) => operation))
  }

  /** Waits for what still runs, and gives the error of an operation that nobody awaited. */
  async settle(): Promise<TsplayError | undefined> {
    const forgotten = [...this.#pending].find(({ operation, settled }) => !operation.awaited || !settled)
    await this.idle()
    this.#pending.clear()
    if (forgotten === undefined) return undefined
    const error = new TsplayError('PLAYBOOK', `${forgotten.what} was not awaited`, { hint: 'Put `await` before it.' })
    error.at = userFrame(forgotten.site.stack)
    error.host = this.host
    return error
  }

  /** A rejection in this body that nobody handled ends it like any other failure. False once it has ended. */
  failByStray(error: TsplayError): boolean {
    if (this.#state === 'closed') return false
    error.host ??= this.host
    this.#onStray(error)
    return true
  }

  /** From here on only clean-up may begin something. */
  startEnding(): void {
    this.#state = 'ending'
  }

  startCleaning(): void {
    this.#state = 'ending'
    this.#ended = undefined
  }

  close(): void {
    this.#state = 'closed'
  }
}
