import pLimit from 'p-limit'
import type { Inventory } from '../../inventory/inventory.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { TsplayError } from '../model/errors.ts'
import type { PlaybookDefinition, PlayDefinition } from '../model/playbook.ts'
import type { Connector } from './connector.ts'
import { errorReport } from './error-report.ts'
import type { Emit, RunFinished } from './events.ts'
import { watchStrays } from './host/scope.ts'
import { givenTo } from './play/needs.ts'
import { convergedOutside } from './play/outside-limit.ts'
import { runPlay } from './play/play-run.ts'
import { type Selected, selectPlays } from './play/selection.ts'
import { redact } from './redact.ts'
import { RunContext } from './run-context.ts'
import type { Stop } from './stop.ts'
import { Tally } from './tally.ts'

export interface RunRequest {
  readonly playbook: PlaybookDefinition
  /** The playbook's file, for people. */
  readonly file: string
  readonly inventory: Inventory
  /** Variables by host, as the schemas gave them; see {@link playVars}. */
  readonly varsOf: (play: PlayDefinition, host: string) => Readonly<Record<string, unknown>>
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly check: boolean
  /** How many hosts run at a time. */
  readonly forks: number
  readonly user: string
  readonly commit?: { readonly id: string; readonly dirty: boolean }
  readonly connector: Connector
  /** Awaited before the first change; its rejection ends the run. */
  readonly ready?: Promise<void>
  readonly emit: Emit
  readonly stop: Stop
  readonly runId: string
  /** The command line, for the journal. */
  readonly command: readonly string[]
}

/**
 * Runs a playbook over an inventory. Never rejects for what happens on hosts: that is in the events and in the result.
 * Throws TsplayError USAGE, PLAYBOOK or INVENTORY for what is wrong before the first connection.
 */
export async function runPlaybook(request: RunRequest): Promise<RunFinished> {
  const { playbook, inventory, stop } = request
  const started = Date.now()
  const tally = new Tally()
  const emit: Emit = (event) => {
    tally.emit(event)
    request.emit(event)
  }
  const hosts = (pattern: string) => selectHosts(inventory, pattern)
  const selected = selectPlays(playbook.plays, hosts, request.limit, request.tags ?? [])
  refuseEmpty(request, selected)
  const run = new RunContext({
    id: request.runId,
    check: request.check,
    connector: request.connector,
    emit,
    stop,
    ready: request.ready ?? Promise.resolve(),
    hosts,
    varsOf: (host) => inventory.hosts.get(host)?.vars ?? unknownHost(host),
  })
  emit({
    type: 'run-started',
    at: started,
    runId: request.runId,
    playbook: playbook.name,
    file: request.file,
    inventory: inventory.source,
    hosts: [...new Set(selected.flatMap(({ limited }) => limited))],
    mode: request.check ? 'check' : 'run',
    command: request.command.map(redact),
    user: request.user,
    ...(request.commit === undefined ? {} : { commit: request.commit }),
  })
  // What is wrong with the playbook as a whole ends the run on all hosts, with one error.
  let wrong: unknown
  request.ready?.catch((error: unknown) => {
    wrong = error
    stop.fatal()
  })
  using _strays = watchStrays((error) => {
    tally.fail()
    emit({
      type: 'notice',
      at: Date.now(),
      level: 'warning',
      message: `a promise outside any host failed: ${errorReport(error).message}`,
    })
  })
  const onKill = () => void request.connector.close()
  stop.kill.addEventListener('abort', onKill)
  try {
    await runPlays(request, run, selected, tally, () => wrong !== undefined)
  } finally {
    stop.kill.removeEventListener('abort', onKill)
    await request.connector.close()
  }
  if (wrong !== undefined) throw wrong
  const at = Date.now()
  const interrupted = stop.stage > 0 && !stop.isFatal
  const finished: RunFinished = {
    type: 'run-finished',
    at,
    status: tally.status(interrupted),
    recap: tally.recap,
    durationMs: at - started,
  }
  emit(finished)
  return finished
}

async function runPlays(
  request: RunRequest,
  run: RunContext,
  selected: readonly Selected[],
  tally: Tally,
  over: () => boolean,
): Promise<void> {
  const gate = pLimit(request.forks)
  const lost = new Set<string>()
  const results = new Map<PlayDefinition, ReadonlyMap<string, unknown>>()
  let fatal: string | undefined
  for (const one of selected) {
    const { play } = one
    if (over()) return
    if (fatal !== undefined || run.stop.noNewWork.aborted) {
      for (const host of one.limited) tally.notRun(host)
      skip(run, play, fatal ?? 'the run was stopped')
      continue
    }
    const varsOf = (host: string) => request.varsOf(play, host)
    const needs = givenTo(play, results)
    if ('missing' in needs) {
      for (const host of one.limited) tally.notRun(host)
      skip(run, play, needs.missing)
      continue
    }
    const outside = neededOutside(one, selected)
    const read =
      outside.length === 0
        ? undefined
        : await convergedOutside({ run, selected: one, hosts: outside, given: needs.given, varsOf })
    if (read?.fatal !== undefined) {
      fatal = read.fatal
      tally.fail()
      run.emit({ type: 'notice', at: Date.now(), level: 'warning', message: fatal })
      continue
    }
    if (one.limited.every((host) => lost.has(host))) {
      if (one.limited.length > 0 || outside.length === 0)
        skip(
          run,
          play,
          one.all.length === 0
            ? `no host matches ${play.hosts}`
            : one.limited.length === 0
              ? 'none of its hosts is within --limit'
              : 'all of its hosts have failed before',
        )
      for (const host of one.limited) tally.notRun(host)
      results.set(play, read?.results ?? new Map())
      continue
    }
    const ran = await runPlay({ run, selected: one, given: needs.given, lost, gate, varsOf })
    results.set(play, new Map([...(read?.results ?? []), ...ran.results]))
    for (const host of ran.lost) lost.add(host)
    fatal = ran.fatal
  }
}

const skip = (run: RunContext, play: PlayDefinition, reason: string) =>
  run.emit({ type: 'play-skipped', at: Date.now(), play: play.name, reason })

/** Hosts outside `--limit` whose results a later play, which has hosts inside it, needs from this one. */
function neededOutside(one: Selected, selected: readonly Selected[]): readonly string[] {
  const outside = one.all.filter((host) => !one.limited.includes(host))
  if (outside.length === 0) return []
  const wanted = selected.some(
    ({ play, limited }) => limited.length > 0 && Object.values(play.needs).includes(one.play),
  )
  return wanted ? outside : []
}

function refuseEmpty(request: RunRequest, selected: readonly Selected[]): void {
  if (selected.length === 0) {
    const has = request.playbook.plays.length === 0
    throw new TsplayError(
      has ? 'PLAYBOOK' : 'USAGE',
      has ? `${request.file}: the playbook has no plays` : `no play has one of the tags ${request.tags?.join(', ')}`,
    )
  }
  if (request.limit !== undefined && selected.every(({ limited }) => limited.length === 0)) {
    throw new TsplayError('USAGE', `--limit ${request.limit} leaves no host of this playbook`, {
      hint: `It selects among: ${[...new Set(selected.flatMap(({ all }) => all))].slice(0, 20).join(', ')}.`,
    })
  }
}

function unknownHost(host: string): never {
  throw new TsplayError('PLAYBOOK', `host.on("${host}"): the inventory has no such host`)
}
