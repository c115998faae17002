import type { LimitFunction } from 'p-limit'
import type { PlayDefinition } from '../../model/playbook.ts'
import { unknown } from '../../model/unknown.ts'
import type { RunContext } from '../run-context.ts'
import type { Given } from './needs.ts'
import { runHost } from './run-host.ts'
import { batchesOf, type Selected } from './selection.ts'

/** What a play left behind for the plays after it. */
export interface PlayRun {
  /** Results of the hosts that came to their end; unknown for those whose end could not be predicted. */
  readonly results: ReadonlyMap<string, unknown>
  /** Hosts that take no part any more. */
  readonly lost: ReadonlySet<string>
  /** Hosts that the play never began on, because the run was stopped or too many others had failed. */
  readonly notBegun: readonly string[]
  /** Why the whole run is to end, when it is. */
  readonly fatal: string | undefined
}

export interface PlayRunOptions {
  readonly run: RunContext
  readonly selected: Selected
  readonly given: Given
  /** Hosts that failed before. */
  readonly lost: ReadonlySet<string>
  readonly gate: LimitFunction
  readonly varsOf: (play: PlayDefinition, host: string) => Readonly<Record<string, unknown>>
}

/** Runs one play, batch after batch; in a batch no host waits for another. */
export async function runPlay({ run, selected, given, lost, gate, varsOf }: PlayRunOptions): Promise<PlayRun> {
  const { play } = selected
  const hosts = selected.limited.filter((host) => !lost.has(host))
  const batches = batchesOf(hosts, play.serial)
  run.emit({ type: 'play-started', at: Date.now(), play: play.name, hosts, batches: batches.length })
  const results = new Map<string, unknown>()
  const failed = new Set<string>()
  const begun = new Set<string>()
  let fatal: string | undefined
  for (const [i, batch] of batches.entries()) {
    if (run.stop.noNewWork.aborted || fatal !== undefined) break
    if (batches.length > 1)
      run.emit({ type: 'batch-started', at: Date.now(), play: play.name, batch: i + 1, hosts: batch })
    const before = failed.size
    const tooMany = () => tooManyFailed(play, failed.size - before, batch.length)
    const one = async (host: string) => {
      if (run.stop.noNewWork.aborted || tooMany() !== undefined) return
      begun.add(host)
      const end = await runHost({ run, play, given, host, vars: varsOf(play, host) })
      if (end.status === 'failed') failed.add(host)
      else results.set(host, end.status === 'ok' ? end.value : unknown(`"${play.name}" on ${host}: ${end.reason}`))
    }
    await Promise.all(batch.map((host) => gate(one, host)))
    fatal = tooMany()
  }
  run.emit({ type: 'play-finished', at: Date.now(), play: play.name })
  return { results: inOrder(hosts, results), lost: failed, notBegun: hosts.filter((host) => !begun.has(host)), fatal }
}

/** By the inventory's order, not by who was quicker. */
const inOrder = (hosts: readonly string[], results: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> =>
  new Map(hosts.filter((host) => results.has(host)).map((host) => [host, results.get(host)]))

/** As Ansible has it: a run in which every host of a batch has failed ends, whatever else is allowed. */
function tooManyFailed(play: PlayDefinition, failed: number, batch: number): string | undefined {
  if (failed === 0) return undefined
  if (play.anyErrorsFatal) return `"${play.name}" lets no host fail, and ${failed} did`
  // In whole numbers: 7 of 100 are not more than 7 %.
  if (failed * 100 > play.maxFailPercentage * batch)
    return `${failed} of ${batch} hosts failed in "${play.name}", more than its ${play.maxFailPercentage} %`
  if (failed < batch) return undefined
  return `every host ${play.serial.length > 0 ? 'of a batch ' : ''}failed in "${play.name}"`
}
