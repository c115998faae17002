import type { Probe } from '../../model/probe.ts'
import { questionText, type TypedQuestion } from '../../model/typed-question.ts'
import { asked, question, type RawAnswers, scriptLimit } from '../exchange/probes.ts'
import { redact } from '../redact.ts'

/**
 * Typed questions that were asked one after another while the body did nothing but go from operation to operation; one
 * that was asked several times is in it as often. They are what can be asked at once.
 */
export type Stretch = readonly TypedQuestion[]

/** What one body asked of one host as one user. */
export interface LaneRecord {
  /** Left out for the body's own host, so that what one host was asked may serve for another. */
  readonly host?: string
  /** Left out for the login user. */
  readonly user?: string
  readonly stretches: readonly Stretch[]
}

/** What a body asked: all that is kept of it for the next run. */
export type BodyRecord = readonly LaneRecord[]

/** Answers that are longer are not asked for ahead: what comes back might never be looked at. */
const answerLimit = 64 << 10
const questionLimit = 4096

/** Notes the questions of one host and user as they are asked. */
export class Recorder {
  readonly #stretches: TypedQuestion[][] = []
  #room = 0
  #questions = 0

  get stretches(): readonly Stretch[] {
    return this.#stretches
  }

  /** The questions of one operation, with the answers where they are known. */
  add(probes: readonly Probe<unknown>[], raw?: RawAnswers): void {
    const worthwhile = new Map<string, Probe<unknown>>()
    for (const probe of probes) {
      const text = questionText(probe)
      // A path or a name may hold a secret.
      if (text !== undefined && text === redact(text) && cheap(probe, raw)) worthwhile.set(text, probe)
    }
    if (worthwhile.size === 0 || this.#questions + worthwhile.size > questionLimit) return
    this.#questions += worthwhile.size
    const size = [...worthwhile.values()].reduce((sum, probe) => sum + asked(probe).length, 0)
    if (this.#room < size) {
      this.#stretches.push([])
      this.#room = scriptLimit / 2
    }
    this.#room -= size
    for (const { typed } of worthwhile.values()) if (typed !== undefined) this.#stretches.at(-1)?.push(typed)
  }

  /** What comes next is asked after the body waited for something else. */
  pause(): void {
    this.#room = 0
  }
}

function cheap(probe: Probe<unknown>, raw: RawAnswers | undefined): boolean {
  const answer = raw?.get(question(probe))
  return answer === undefined || (answer.length <= answerLimit && probe.costly?.(answer.toString()) !== true)
}

/** A record as it was read from a file: what is none is passed over. */
export function readRecord(data: unknown): BodyRecord {
  if (!Array.isArray(data)) return []
  return data.flatMap((lane: unknown) => {
    if (typeof lane !== 'object' || lane === null) return []
    const { host, user, stretches } = lane as Readonly<Record<string, unknown>>
    if (!Array.isArray(stretches) || !stretches.every(Array.isArray)) return []
    return [
      {
        ...(typeof host === 'string' ? { host } : {}),
        ...(typeof user === 'string' ? { user } : {}),
        // Each question is judged when it is to be asked.
        stretches: stretches as unknown as readonly Stretch[],
      },
    ]
  })
}
