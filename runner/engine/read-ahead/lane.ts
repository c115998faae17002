import type { Probe } from '../../model/probe.ts'
import { questionText } from '../../model/typed-question.ts'
import type { Session } from '../../session/session.ts'
import { askProbes, type RawAnswers } from '../exchange/probes.ts'
import { TsplayError } from '../../model/errors.ts'
import { AheadAnswers } from './answers.ts'
import type { ReadAheadLimits } from './recall.ts'
import { Recorder, type Stretch } from './record.ts'
import { probesOfQuestions, usesOf } from './stretch-questions.ts'

export interface LaneOptions {
  /** What was asked the last time. */
  readonly stretches: readonly Stretch[]
  readonly limits: ReadAheadLimits
  /** The first stretch's answers, where it was asked while an earlier play was under way. */
  readonly early: Promise<AheadAnswers | undefined> | undefined
  /** Grows whenever something may have changed the host; with `remote`, any host. */
  readonly epoch: (remote: boolean) => number
  /** The host is about to be asked something. */
  readonly onAsk: (session: Session) => void
  /** What plays to come ask from elsewhere, to go with these questions, where some of these are such themselves. */
  readonly later: (session: Session, own: readonly Probe<unknown>[]) => Later | undefined
  /** Questions are sent that no operation has asked yet. */
  readonly onAhead: (session: Session, questions: number) => void
}

/** Questions for plays to come, and where their answers go, once there are any. */
export interface Later {
  readonly probes: readonly Probe<unknown>[]
  readonly answered: (raw: RawAnswers) => void
}

/** The questions that one body asks of one host as one user: those asked ahead, and a note of all for the next run. */
export class Lane {
  readonly recorder = new Recorder()
  readonly #options: LaneOptions
  readonly #stretches: readonly (readonly string[])[]
  /** The first stretch that was not asked yet. */
  #next = 0
  #answers: AheadAnswers | undefined
  #sending: Promise<void> = Promise.resolve()
  #early: Promise<AheadAnswers | undefined> | undefined
  #ended = false

  constructor(options: LaneOptions) {
    this.#options = options
    this.#early = options.early
    this.#stretches = options.stretches.map((stretch) => stretch.map((question) => JSON.stringify(question)))
  }

  /**
   * Answers to an operation's questions: read ahead, where `suffices` finds in them that nothing is to be done; else
   * asked now, together with what the operations after it are going to ask.
   */
  async ask(
    session: Session,
    probes: readonly Probe<unknown>[],
    suffices: (raw: RawAnswers) => boolean,
    signal: AbortSignal,
  ): Promise<RawAnswers> {
    this.#options.onAsk(session)
    const ahead = await this.#taken(session, probes)
    const raw = ahead !== undefined && suffices(ahead) ? ahead : await this.#askNow(session, probes, signal)
    this.recorder.add(probes, raw)
    return raw
  }

  /** The answer to a question that is only worth asking ahead: of no use, it is asked otherwise. */
  async foresee(session: Session, probe: Probe<unknown>, signal: AbortSignal): Promise<RawAnswers | undefined> {
    this.#options.onAsk(session)
    this.recorder.add([probe])
    const ahead = await this.#taken(session, [probe])
    if (ahead !== undefined) return ahead
    return this.#stretchWith([probe]) < 0 ? undefined : this.#askNow(session, [probe], signal)
  }

  /** Sends what the next operations are going to ask, to travel with the command that the caller sends in this turn. */
  along(session: Session): void {
    this.#options.onAsk(session)
    if (this.#answers !== undefined || this.#early !== undefined) return
    const ahead = this.#begin(session, this.#next, [])
    if (ahead === undefined) return
    const { probes, answers, uses } = ahead
    const sent = askProbes(session, probes, { timeoutMs: this.#options.limits.answerMs })
    // What fails is asked again by the operation whose question it is.
    this.#sending = sent.then(
      (raw) => answers.fill(probes, raw, uses),
      () => {},
    )
  }

  /** What was read ahead is of no use any more. */
  drop(): void {
    this.#answers = undefined
    this.#early = undefined
    this.recorder.pause()
  }

  /** The host changes: from here on every question is asked when it comes up. */
  end(): void {
    this.#answers = undefined
    this.#early = undefined
    this.#ended = true
  }

  async #taken(session: Session, probes: readonly Probe<unknown>[]): Promise<RawAnswers | undefined> {
    await this.#sending
    if (this.#early !== undefined) await this.#adopt(session, this.#early)
    const answers = this.#answers
    if (answers === undefined) return undefined
    const raw = answers.valid(session) ? answers.take(probes) : undefined
    if (answers.empty || !answers.valid(session)) this.#answers = undefined
    return raw
  }

  /** What was asked while an earlier play was under way is this lane's first stretch, where it still holds. */
  async #adopt(session: Session, early: Promise<AheadAnswers | undefined>): Promise<void> {
    const answers = await early
    // Whoever waited for it, too, finds it adopted.
    if (this.#early === undefined) return
    this.#early = undefined
    if (answers?.valid(session) !== true || this.#ended) return
    this.#answers = answers
    this.#next = 1
  }

  async #askNow(session: Session, probes: readonly Probe<unknown>[], signal: AbortSignal): Promise<RawAnswers> {
    const ahead = this.#begin(session, this.#stretchWith(probes), probes)
    const later = this.#options.later(session, probes)
    if (ahead === undefined && later === undefined) return askProbes(session, probes, { signal })
    const own = [...probes, ...(ahead?.probes ?? [])]
    try {
      const raw = await askProbes(session, [...own, ...(later?.probes ?? [])], {
        signal,
        timeoutMs: this.#options.limits.answerMs,
      })
      ahead?.answers.fill(own, raw, ahead.uses)
      later?.answered(raw)
      return raw
    } catch (error) {
      this.end()
      if (!(error instanceof TsplayError && error.code === 'TIMEOUT')) throw error
      return askProbes(session, probes, { signal })
    }
  }

  /** The next stretch that has one of these questions in it; -1 where none has: then the program goes another way. */
  #stretchWith(probes: readonly Probe<unknown>[]): number {
    const texts = new Set(probes.map(questionText))
    return this.#stretches.findIndex((stretch, i) => i >= this.#next && stretch.some((text) => texts.has(text)))
  }

  /** What is to be asked of a stretch, beside an operation's own questions, and where the answers go. */
  #begin(session: Session, index: number, own: readonly Probe<unknown>[]) {
    const stretch = this.#stretches[index]
    if (this.#ended || stretch === undefined) return undefined
    const uses = usesOf(stretch)
    for (const text of new Set(own.map(questionText))) if (text !== undefined) uses.set(text, (uses.get(text) ?? 0) - 1)
    const probes = probesOfQuestions(uses.keys(), own)
    this.#next = index + 1
    if (probes.length === 0) return undefined
    this.#options.onAhead(session, probes.length)
    const remote = probes.some((probe) => probe.remote)
    const answers = new AheadAnswers(session, () => this.#options.epoch(remote), this.#options.limits.lifetimeMs)
    this.#answers = answers
    return { probes, answers, uses }
  }
}
