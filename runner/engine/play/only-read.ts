import type { LimitFunction } from 'p-limit'
import type { PlayDefinition } from '../../model/playbook.ts'
import { deepUnknown } from '../prediction/deep-unknown.ts'
import type { RunContext } from '../run-context.ts'
import type { Given } from './needs.ts'
import { runHost } from './run-host.ts'
import type { Selected } from './selection.ts'

export interface OnlyReadOptions {
  readonly run: RunContext
  readonly selected: Selected
  readonly given: Given
  readonly gate: LimitFunction
  readonly varsOf: (play: PlayDefinition, host: string) => Readonly<Record<string, unknown>>
}

/**
 * Gets the results of a needed play from hosts that `--limit` or `--tags` leave out, by reading only. A host that is not
 * as the play wants it, or whose result rests on something that was not done, can't give them: the run then ends.
 */
export async function onlyRead({ run, selected, given, gate, varsOf }: OnlyReadOptions): Promise<{
  readonly results: ReadonlyMap<string, unknown>
  readonly fatal: string | undefined
}> {
  const { play, read, outside } = selected
  const results = new Map<string, unknown>()
  const unfit: string[] = []
  const one = async (host: string) => {
    const end = await runHost({ run, play, given, host, vars: varsOf(play, host), check: true })
    if (end.status === 'ok' && end.converged && deepUnknown(end.value) === undefined) results.set(host, end.value)
    else unfit.push(host)
  }
  await Promise.all(read.map((host) => gate(one, host)))
  if (unfit.length === 0) return { results, fatal: undefined }
  const them = unfit.length === 1 ? 'it' : 'them'
  const wayOut = outside === '--limit' ? `run without --limit, or add ${them} to it` : `run its play too`
  return {
    results,
    fatal: `${unfit.join(', ')}: not as "${play.name}" wants ${them}, and outside ${outside}: ${wayOut}`,
  }
}
