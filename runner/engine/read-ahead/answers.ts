import type { Probe } from '../../model/probe.ts'
import { questionText } from '../../model/typed-question.ts'
import { unknownReason } from '../../model/unknown.ts'
import type { Session } from '../../session/session.ts'
import { question, type RawAnswers } from '../exchange/probes.ts'

/** Answers that were asked for ahead, each good for as many uses as the last run made of it. */
export class AheadAnswers {
  readonly #session: Session
  readonly #epoch: () => number
  readonly #asked: number
  readonly #until: number
  readonly #answers = new Map<string, { readonly raw: Buffer; uses: number }>()

  /** To be made before the questions are sent: `epoch` grows whenever something may have changed what they are about. */
  constructor(session: Session, epoch: () => number, lifetimeMs: number) {
    this.#until = performance.now() + lifetimeMs
    this.#session = session
    this.#epoch = epoch
    this.#asked = epoch()
  }

  fill(probes: readonly Probe<unknown>[], raw: RawAnswers, uses: ReadonlyMap<string, number>): void {
    for (const probe of probes) {
      const text = questionText(probe)
      const answer = raw.get(question(probe))
      const count = text === undefined ? undefined : uses.get(text)
      if (text !== undefined && answer !== undefined && count) this.#answers.set(text, { raw: answer, uses: count })
    }
  }

  get empty(): boolean {
    return this.#answers.size === 0
  }

  /** Whether they still tell of this session's host as it is, so far as this run knows. */
  valid(session: Session): boolean {
    return this.#session === session && this.#epoch() === this.#asked && performance.now() < this.#until
  }

  /** The answers to all the probes, or `undefined`. Either way those that are there have had a use. */
  take(probes: readonly Probe<unknown>[]): RawAnswers | undefined {
    const found = new Map<string, Buffer>()
    const raw = new Map<string, Buffer>()
    for (const text of new Set(probes.map(questionText))) {
      const answer = text === undefined ? undefined : this.#answers.get(text)
      if (text === undefined || answer === undefined) continue
      found.set(text, answer.raw)
      answer.uses -= 1
      if (answer.uses <= 0) this.#answers.delete(text)
    }
    for (const probe of probes) {
      const answer = found.get(questionText(probe) ?? '')
      if (answer === undefined || !answers(probe, answer)) return undefined
      raw.set(question(probe), answer)
    }
    return raw
  }
}

/** Whether the answer holds all that the probe asks for. */
function answers(probe: Probe<unknown>, raw: Buffer): boolean {
  if (probe.answeredBy === undefined) return true
  try {
    const answer = probe.parse(raw.toString())
    // What a probe deliberately leaves unknown, it does so each time.
    return unknownReason(answer) !== undefined || probe.answeredBy(answer)
  } catch {
    return false
  }
}
