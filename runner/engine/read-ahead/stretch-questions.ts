import type { Probe } from '../../model/probe.ts'
import { probeFor, questionText } from '../../model/typed-question.ts'
import { asked, scriptLimit } from '../exchange/probes.ts'

/** How often each question is asked. */
export function usesOf(questions: readonly string[]): Map<string, number> {
  const uses = new Map<string, number>()
  for (const text of questions) uses.set(text, (uses.get(text) ?? 0) + 1)
  return uses
}

/** The probes of questions, as far as one exchange has room for them beside an operation's own, which are left out. */
export function probesOfQuestions(
  questions: Iterable<string>,
  own: readonly Probe<unknown>[] = [],
): readonly Probe<unknown>[] {
  const mine = new Set(own.map(questionText))
  let room = scriptLimit - own.reduce((sum, probe) => sum + asked(probe).length + 40, 0)
  return [...new Set(questions)].flatMap((text) => {
    const probe = mine.has(text) ? undefined : probeFor(JSON.parse(text))
    if (probe === undefined || (room -= asked(probe).length + 40) < 0) return []
    return [probe]
  })
}
