import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { createConnector } from '../engine/connector.ts'
import type { Emit, RunFinished } from '../engine/events.ts'
import { selectPlays } from '../engine/play/selection.ts'
import { lockHolder } from '../engine/lock/holder.ts'
import { lockPath } from '../engine/lock/lock-path.ts'
import { checkPlayVars } from '../engine/play/vars.ts'
import { Recall, type RecordStore } from '../engine/read-ahead/recall.ts'
import { runPlaybook } from '../engine/run.ts'
import { Stop } from '../engine/stop.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { resolveSources } from '../../inventory/secrets/resolve-sources.ts'
import { TsplayError } from '../model/errors.ts'
import type { PlaybookDefinition } from '../model/playbook.ts'
import type { Report } from '../report/report.ts'
import { createDialer } from '../transport/dial.ts'
import type { Target } from '../transport/target.ts'
import type { Console } from './console.ts'
import { onInterrupt } from './interrupt.ts'
import type { OpenInventory } from './open-inventory.ts'
import { connectionDefaults } from './connection-defaults.ts'
import type { ConnectionOptions } from './options.ts'
import { terminalPrompter } from './prompter.ts'
import { secretGetter } from './secrets/secret-getter.ts'
import { keepHeapSmall } from './small-heap.ts'
import { targetOf } from './target-of.ts'

export interface OpenRunRequest {
  readonly playbook: PlaybookDefinition
  readonly file: string
  readonly opened: OpenInventory
  readonly connection: ConnectionOptions
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly check: boolean
  /** Whether a secret of this variable has to be got from elsewhere. @default every one */
  readonly wantsSecret?: (variable: string) => boolean
  /** For how long another run on a host is waited for, in seconds; left out, hosts are not locked. */
  readonly waitLock?: number
  /** Makes the report, once everything that can be checked beforehand was found right. */
  readonly emit: Emit
  /** See {@link Report.hold}. */
  readonly hold?: Report['hold']
  /** Started when the run starts; see RunRequest.ready. */
  readonly ready?: (signal: AbortSignal) => Promise<void>
  /** Where the journal of a run lies. */
  readonly journalOf?: (runId: string) => string
  readonly commit?: { readonly id: string; readonly dirty: boolean }
  /** What may be asked ahead. @default nothing */
  readonly readAhead?: RecordStore
}

/** Checks all that can be checked without a connection, then connects and runs, with signals that stop it. */
export async function openRun(request: OpenRunRequest, console: Console): Promise<RunFinished> {
  const { playbook, opened, connection, emit } = request
  refuseUnknown(playbook, (pattern) => selectHosts(opened.inventory, pattern))
  const stop = new Stop()
  using interrupts = onInterrupt({ stop, emit, forceExit: () => console.forceExit() })
  const prompter = terminalPrompter({ onInterrupt: interrupts.request, hold: request.hold })
  const taking = hostsOf(request)
  const inventory = await resolveSources(opened.inventory, taking, secretGetter(console, prompter), request.wantsSecret)
  const hosts = (pattern: string) => selectHosts(inventory, pattern).filter((host) => taking.has(host))
  const varsOf = await checkPlayVars(playbook, inventory, hosts)
  const defaults = await connectionDefaults(connection, prompter)
  const targets = new Map<string, Target>()
  const target = (host: string) => {
    const known = targets.get(host) ?? opened.ownTarget(host) ?? targetOf(inventory, host, defaults, console.cwd)
    targets.set(host, known)
    return known
  }
  // At once, so that a wrong variable is an error before the first connection.
  for (const play of playbook.plays) hosts(play.hosts).forEach(target)
  const dialer = createDialer({ prompter })
  const connector = createConnector({
    dialer,
    targetOf: target,
    emit,
    prompter,
    signal: stop.abort,
  })
  keepHeapSmall(taking.size)
  const given = new AbortController()
  const ready = request.ready?.(given.signal)
  // Its failure may come before anybody waits for it.
  ready?.catch(() => {})
  try {
    const { limit, tags, commit, readAhead } = request
    const id = runId()
    const finished = await runPlaybook({
      playbook,
      file: request.file,
      inventory,
      varsOf,
      check: request.check,
      forks: connection.forks,
      user: userInfo().username,
      connector,
      emit,
      stop,
      runId: id,
      ...(request.journalOf === undefined ? {} : { journal: request.journalOf(id) }),
      command: ['tsplay', ...console.args],
      ...(request.waitLock === undefined
        ? {}
        : {
            locking: {
              holder: lockHolder(id),
              waitSeconds: request.waitLock,
              pathOf: (host) => lockPath(target(host)),
            },
          }),
      ...(ready === undefined ? {} : { ready }),
      ...(limit === undefined ? {} : { limit }),
      ...(tags === undefined ? {} : { tags }),
      ...(commit === undefined ? {} : { commit }),
      ...(readAhead === undefined ? {} : { recall: new Recall(readAhead) }),
    })
    // A body that failed at once may have failed because of what the check is about to say; nothing was changed before it.
    if (finished.status !== 'interrupted') await ready
    return finished
  } finally {
    given.abort()
  }
}

/** Every host that is connected to, also those that are only read. */
function hostsOf({ playbook, opened: { inventory }, limit, tags = [] }: OpenRunRequest): ReadonlySet<string> {
  const selected = selectPlays(playbook.plays, (pattern) => selectHosts(inventory, pattern), limit, tags)
  return new Set(selected.flatMap(({ limited, read }) => [...limited, ...read]))
}

/** An unknown group, or no pattern at all, is an error before any connection, with the line of its play. */
function refuseUnknown(playbook: PlaybookDefinition, hosts: (pattern: string) => readonly string[]): void {
  for (const play of playbook.plays) {
    try {
      if (play.hosts.trim() === '') throw new TsplayError('PLAYBOOK', `the pattern of the play "${play.name}" is empty`)
      hosts(play.hosts)
    } catch (error) {
      if (error instanceof TsplayError) error.at ??= play.at
      throw error
    }
  }
}

/** Sorts by time, and can be read: `20261123T221830Z-3f9a`. */
const runId = () => `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`
