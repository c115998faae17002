import type { PlayDefinition } from '../../model/playbook.ts'

/** Results of needed plays, by the names that the play gave them. */
export type Given = Readonly<Record<string, unknown>>

/** A pattern for one host for certain: the result is then the host's own, not a Map. Mirrors `Many` of the model. */
const single = (pattern: string): boolean => /^[^~:,][^:,]*\[-?\d+\]$/.test(pattern)

/**
 * What a play is given, or why it can't be run. `results` has the plays that ran, with the hosts that came to their end:
 * a need that failed on some of its hosts gives the results of the others.
 */
export function givenTo(
  play: PlayDefinition,
  results: ReadonlyMap<PlayDefinition, ReadonlyMap<string, unknown>>,
): { readonly given: Given } | { readonly missing: string } {
  const given: Record<string, unknown> = {}
  for (const [name, need] of Object.entries(play.needs)) {
    // A play is only ever made by playbook(), which makes definitions.
    const needed = need as PlayDefinition
    const of = results.get(needed)
    if (of === undefined || of.size === 0) return { missing: `it needs "${needed.name}", which has no result` }
    given[name] = single(needed.hosts) ? [...of.values()][0] : of
  }
  return { given }
}
