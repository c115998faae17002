import type { Inventory } from '../../inventory/inventory.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { TsplayError } from '../model/errors.ts'
import type { PlaybookDefinition, PlayDefinition } from '../model/playbook.ts'
import type { Connector } from './connector.ts'
import { errorReport } from './error-report.ts'
import type { Emit, RunFinished } from './events.ts'
import { watchStrays } from './host/scope.ts'
import { runPlays } from './play/run-plays.ts'
import { type Selected, selectPlays } from './play/selection.ts'
import type { Recall } from './read-ahead/recall.ts'
import { redact } from './redact.ts'
import { type Locking, RunContext } from './run-context.ts'
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
  /** What bodies may ask ahead. @default nothing */
  readonly recall?: Recall
  readonly locking?: Locking
  /** Where the journal of this run lies, for people. */
  readonly journal?: string
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
    ...(request.recall === undefined ? {} : { recall: request.recall }),
    ...(atOnce(selected, request.forks) ? { plays: selected.map(bodiesOf) } : {}),
    ...(request.locking === undefined ? {} : { locking: request.locking }),
    ...(request.limit === undefined ? {} : { mayChange: within(hosts(request.limit)) }),
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
    await runPlays({ run, selected, tally, forks: request.forks, varsOf: request.varsOf })
  } finally {
    stop.kill.removeEventListener('abort', onKill)
    await request.connector.close()
  }
  // A run that had nothing to change is over before what was checked beside it: that still decides how it ends.
  if (stop.stage === 0) await request.ready?.catch(() => {})
  if (wrong !== undefined) throw wrong
  const at = Date.now()
  const interrupted = stop.stage > 0 && !stop.isFatal
  const finished: RunFinished = {
    type: 'run-finished',
    at,
    status: tally.status(interrupted),
    recap: tally.recap,
    durationMs: at - started,
    ...(request.journal === undefined ? {} : { journal: request.journal }),
  }
  emit(finished)
  return finished
}

function refuseEmpty(request: RunRequest, selected: readonly Selected[]): void {
  if (selected.length === 0) {
    const none = request.playbook.plays.length === 0
    const tags = [...new Set(request.playbook.plays.flatMap((play) => play.tags))]
    throw new TsplayError(
      none ? 'PLAYBOOK' : 'USAGE',
      none ? `${request.file}: the playbook has no plays` : `no play has one of the tags ${request.tags?.join(', ')}`,
      none ? {} : { hint: tags.length === 0 ? 'No play has tags.' : `There are ${tags.join(', ')}.` },
    )
  }
  if (request.limit !== undefined && selected.every(({ limited }) => limited.length === 0)) {
    throw new TsplayError('USAGE', `--limit ${request.limit} leaves no host of this playbook`, {
      hint: `It selects among: ${[...new Set(selected.flatMap(({ all }) => all))].slice(0, 20).join(', ')}.`,
    })
  }
}

const bodiesOf = ({ play, limited, read }: Selected) => ({ name: play.name, hosts: [...limited, ...read] })

/** Whether no host waits for another before its turn comes: what is asked for later plays would be too old by then. */
const atOnce = (selected: readonly Selected[], forks: number): boolean =>
  new Set(selected.flatMap((one) => bodiesOf(one).hosts)).size <= forks

const within = (hosts: readonly string[]) => {
  const names = new Set(hosts)
  return (host: string) => names.has(host)
}

function unknownHost(host: string): never {
  throw new TsplayError('PLAYBOOK', `host.on("${host}"): the inventory has no such host`)
}
