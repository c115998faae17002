import pLimit from 'p-limit'
import type { PlayDefinition } from '../../model/playbook.ts'
import type { RunContext } from '../run-context.ts'
import type { Tally } from '../tally.ts'
import { givenTo } from './needs.ts'
import { onlyRead } from './only-read.ts'
import { runPlay } from './play-run.ts'
import type { Selected } from './selection.ts'

export interface RunPlaysOptions {
  readonly run: RunContext
  readonly selected: readonly Selected[]
  readonly tally: Tally
  /** How many hosts run at a time. */
  readonly forks: number
  readonly varsOf: (play: PlayDefinition, host: string) => Readonly<Record<string, unknown>>
}

/** Runs plays one after another, until their end or until something ends them all. */
export async function runPlays({ run, selected, tally, forks, varsOf }: RunPlaysOptions): Promise<void> {
  const gate = pLimit(forks)
  const lost = new Set<string>()
  const results = new Map<PlayDefinition, ReadonlyMap<string, unknown>>()
  let fatal: string | undefined
  const skip = ({ play, limited }: Selected, reason: string) => {
    for (const host of limited) if (!lost.has(host)) tally.notRun(host)
    run.emit({ type: 'play-skipped', at: Date.now(), play: play.name, reason })
  }
  for (const one of selected) {
    // What was wrong with the playbook as a whole is told once, not play by play.
    if (run.stop.isFatal) return
    const { play, limited, read } = one
    const needs = givenTo(play, results)
    if (fatal !== undefined || run.stop.noNewWork.aborted) {
      skip(one, fatal ?? 'the run was stopped')
      continue
    }
    if ('missing' in needs) {
      skip(one, needs.missing)
      continue
    }
    const { given } = needs
    const found = await onlyRead({ run, selected: one, given, gate, varsOf })
    if (found.fatal !== undefined) {
      fatal = found.fatal
      tally.fail()
      run.emit({ type: 'notice', at: Date.now(), level: 'warning', message: fatal })
      skip(one, fatal)
      continue
    }
    results.set(play, found.results)
    if (limited.every((host) => lost.has(host))) {
      if (read.length === 0) skip(one, noHosts(one))
      continue
    }
    const ran = await runPlay({ run, selected: one, given, lost, gate, varsOf })
    results.set(play, new Map([...found.results, ...ran.results]))
    for (const host of ran.lost) lost.add(host)
    for (const host of ran.notBegun) tally.notRun(host)
    fatal = ran.fatal
  }
}

function noHosts({ play, all, limited }: Selected): string {
  if (all.length === 0) return `no host matches ${play.hosts}`
  return limited.length === 0 ? 'none of its hosts is within --limit' : 'all of its hosts have failed before'
}
