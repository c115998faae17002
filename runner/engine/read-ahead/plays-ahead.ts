import type { Probe } from '../../model/probe.ts'
import { questionText } from '../../model/typed-question.ts'
import type { Session } from '../../session/session.ts'
import { askProbes } from '../exchange/probes.ts'
import { AheadAnswers } from './answers.ts'
import type { Later } from './lane.ts'
import type { Recall } from './recall.ts'
import { probesOfQuestions, usesOf } from './stretch-questions.ts'

export interface PlaysAheadOptions {
  readonly recall: Recall
  /** All plays of the run in their order, each with the hosts of its bodies. */
  readonly plays: readonly { readonly name: string; readonly hosts: readonly string[] }[]
  /** How often any host may have been changed so far. */
  readonly changes: () => number
  /** Questions are sent that no operation has asked yet. */
  readonly onAhead: (host: string, user: string, questions: number) => void
}

/**
 * What plays to come ask first, asked while the first play is under way: so that hosts on which there is nothing to do are
 * asked all of it at once. What is answered from elsewhere may take its time, and a session does one thing after another:
 * that goes with the first operation that has to wait for such an answer itself. An answer is of use while this run changes
 * no host at all, and waits for nothing but operations.
 */
export class PlaysAhead {
  readonly #options: PlaysAheadOptions
  readonly #asked = new WeakSet<Session>()
  readonly #answers = new Map<string, Promise<AheadAnswers | undefined>>()
  #waits = 0

  constructor(options: PlaysAheadOptions) {
    this.#options = options
  }

  /** A body of `play` is about to ask its host something: behind that goes what the plays after it ask there, once. */
  behind(play: string, host: string, user: string | undefined, session: Session): void {
    if (this.#asked.has(session)) return
    this.#asked.add(session)
    setImmediate(() => this.#send(play, host, user, session))
  }

  /**
   * A body of `play` is about to ask its host `own`: where some of it is answered from elsewhere, what the plays after it ask
   * there from elsewhere. A play whose other questions had no room is left to its turn.
   */
  withRemote(
    play: string,
    host: string,
    user: string | undefined,
    session: Session,
    own: readonly Probe<unknown>[],
  ): Later | undefined {
    if (!own.some(isRemote)) return undefined
    const coming = this.#coming(play, host, user).flatMap(({ name, questions }) => {
      const probes = probesOfQuestions(questions)
      const key = keyOf(name, host, user)
      const remote = probes.filter(isRemote)
      const whole = probes.length === remote.length || this.#answers.has(key)
      return whole && remote.length > 0 ? [{ key, uses: usesOf(questions), remote, fresh: this.#made(session) }] : []
    })
    const probes = coming.flatMap(({ remote }) => remote)
    if (probes.length === 0) return undefined
    this.#options.onAhead(host, session.user, probes.length)
    return {
      probes,
      answered: (raw) => {
        for (const { key, uses, remote, fresh } of coming) {
          const before = this.#answers.get(key)
          const both = async () => {
            const local = await before
            const answers = local?.valid(session) === true ? local : fresh
            answers.fill(remote, raw, uses)
            return answers
          }
          this.#answers.set(key, both())
        }
      },
    }
  }

  /** The answers to what a play asks first of a host as a user, once they are there; each is handed out once. */
  take(play: string, host: string, user: string | undefined): Promise<AheadAnswers | undefined> | undefined {
    const key = keyOf(play, host, user)
    const answers = this.#answers.get(key)
    this.#answers.delete(key)
    return answers
  }

  /** A body waited for something that may have changed hosts. */
  drop(): void {
    this.#waits++
  }

  #send(play: string, host: string, user: string | undefined, session: Session): void {
    const { coming, probes } = withRoom(this.#coming(play, host, user))
    if (probes.length === 0) return
    this.#options.onAhead(host, session.user, probes.length)
    const { answerMs } = this.#options.recall.limits
    const made = coming.map(({ name, questions }) => ({
      key: keyOf(name, host, user),
      uses: usesOf(questions),
      answers: this.#made(session),
    }))
    const raw = askProbes(session, probes, { timeoutMs: answerMs })
    for (const { key, uses, answers } of made) {
      const filled = raw.then(
        (found) => {
          answers.fill(probes, found, uses)
          return answers
        },
        // What fails is asked again by the operation whose question it is.
        () => undefined,
      )
      this.#answers.set(key, filled)
    }
  }

  #coming(play: string, host: string, user: string | undefined): readonly Coming[] {
    const { plays, recall } = this.#options
    const later = plays
      .slice(plays.findIndex(({ name }) => name === play) + 1)
      .filter(({ hosts }) => hosts.includes(host))
    return later.flatMap(({ name }) => {
      const lane = recall.of(name, host).find((it) => (it.host ?? host) === host && it.user === user)
      const questions = (lane?.stretches[0] ?? []).map((question) => JSON.stringify(question))
      return questions.length === 0 ? [] : [{ name, questions }]
    })
  }

  /** To be made before the questions are sent. */
  #made(session: Session): AheadAnswers {
    const { lifetimeMs } = this.#options.recall.limits
    return new AheadAnswers(session, () => this.#waits + this.#options.changes(), lifetimeMs)
  }
}

/** A play to come, with what it asks first. */
interface Coming {
  readonly name: string
  readonly questions: readonly string[]
}

/**
 * The plays for which there is room, and what they ask of the host itself. One that would be asked in part is left to its
 * turn, when all of it goes at once.
 */
function withRoom(plays: readonly Coming[]): {
  readonly coming: readonly Coming[]
  readonly probes: readonly Probe<unknown>[]
} {
  const coming: Coming[] = []
  let probes: readonly Probe<unknown>[] = []
  for (const play of plays) {
    const own = probesOfQuestions(play.questions).filter(isLocal)
    const all = probesOfQuestions([...coming, play].flatMap(({ questions }) => questions)).filter(isLocal)
    const asked = new Set(all.map(questionText))
    if (own.length === 0 || !own.every((probe) => asked.has(questionText(probe)))) continue
    coming.push(play)
    probes = all
  }
  return { coming, probes }
}

const isRemote = ({ remote }: Probe<unknown>) => remote === true

const isLocal = (probe: Probe<unknown>) => !isRemote(probe)

const keyOf = (play: string, host: string, user: string | undefined) => JSON.stringify([play, host, user])
