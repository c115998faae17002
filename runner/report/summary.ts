import { failureLines, groupFailures } from './error.ts'
import type { Palette } from './palette.ts'
import { recapLines, totalLines } from './recap.ts'
import type { RunState } from './state.ts'

/** What stands at the end of every run: its failures in full, the recap, the totals. Empty before the run's end. */
export function summaryLines(state: RunState, palette: Palette): string[] {
  const { finished, started } = state
  if (!finished) return []
  const failures = groupFailures(state.failures).flatMap((group) => [...failureLines(group, palette), ''])
  const recap = recapLines(finished.recap, palette)
  return [
    '',
    ...failures,
    ...(recap.length > 0 ? [palette.bold('RECAP'), ...recap, ''] : []),
    ...totalLines(finished, started?.mode ?? 'run', palette),
  ]
}
