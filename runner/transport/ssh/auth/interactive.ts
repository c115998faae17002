import { reveal, type Secret } from '../../../model/secret.ts'

/** One question of a server. */
export interface Question {
  readonly prompt: string
  readonly echo?: boolean
}

export interface Answering {
  /** Gives the password; undefined where there is none and nobody to ask. */
  readonly password: () => Promise<Secret<string> | undefined>
  /** Asks a person; undefined where there is nobody. The question comes from a server that may be hostile. */
  readonly ask: (question: string) => Promise<Secret<string> | undefined>
}

/** What may stand in a question that is shown: no control characters, and not endlessly. */
const shown = (prompt: string) =>
  prompt
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, ' ')
    .trim()
    .slice(0, 200)

/** Servers ask for passwords in any language; for codes in words that are much the same everywhere. */
const codeLike = /code|token|otp|oath|one.?time|\bpin\b|factor|\b[2m]fa\b|verif|challenge|response/i

/**
 * Answers the rounds of keyboard-interactive: the first hidden question that is not for a code with the password, every other, such as
 * one for a one-time code, with what a person types. What nobody knows is answered with nothing, which the server refuses.
 */
export function interactiveAnswers({ password, ask }: Answering) {
  let given = false
  return async (questions: readonly Question[]): Promise<string[]> => {
    const answers: string[] = []
    for (const { prompt, echo } of questions) {
      const wantsPassword = !given && echo !== true && !codeLike.test(prompt)
      if (wantsPassword) given = true
      // One at a time: they are asked on one terminal, and a code is of no use after a wrong password.
      const answer = await (wantsPassword ? password() : ask(shown(prompt)))
      answers.push(answer === undefined ? '' : reveal(answer))
    }
    return answers
  }
}
