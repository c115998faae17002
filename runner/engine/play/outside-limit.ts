import type { RunContext } from '../run-context.ts'
import type { Given } from './needs.ts'
import { runHost } from './play-run.ts'
import type { Selected } from './selection.ts'

export interface OutsideLimit {
  readonly run: RunContext
  readonly selected: Selected
  readonly hosts: readonly string[]
  readonly given: Given
  readonly varsOf: (host: string) => Readonly<Record<string, unknown>>
}

/**
 * Gets the results of a needed play from hosts that `--limit` leaves out, by reading only. A host that is not as the
 * play wants it can't give them: the run then ends, and says so.
 */
export async function convergedOutside({ run, selected, hosts, given, varsOf }: OutsideLimit): Promise<{
  readonly results: ReadonlyMap<string, unknown>
  readonly fatal: string | undefined
}> {
  const ends = await Promise.all(
    hosts.map(async (host) => ({ host, end: await runHost(run, selected, given, host, varsOf(host), true) })),
  )
  const unfit = ends.filter(({ end }) => !end.ok || !end.converged).map(({ host }) => host)
  const results = new Map(ends.flatMap(({ host, end }) => (end.ok ? [[host, end.value] as const] : [])))
  const fatal =
    unfit.length === 0
      ? undefined
      : `${unfit.join(', ')}: not as "${selected.play.name}" wants it, and outside --limit; run without --limit, or add ${unfit.length === 1 ? 'it' : 'them'} to it`
  return { results, fatal }
}
