import { TsplayError } from '../model/errors.ts'
import type { Facts } from '../model/facts.ts'
import type { Connector } from './connector.ts'
import type { Emit } from './events.ts'
import { Claims } from './host/claims.ts'
import { HostLock } from './lock/host-lock.ts'
import type { LockHolder } from './lock/keeper.ts'
import { Overlay } from './prediction/overlay.ts'
import { PlaysAhead } from './read-ahead/plays-ahead.ts'
import type { Recall } from './read-ahead/recall.ts'
import type { Stop } from './stop.ts'

/** How hosts are kept from being changed by two runs at once. */
export interface Locking {
  readonly holder: LockHolder
  /** For how long another run is waited for, in seconds. */
  readonly waitSeconds: number
  /** What is locked on a host: a path, `''` for the usual place, `undefined` where nothing is. */
  readonly pathOf: (host: string) => string | undefined
}

export interface RunContextOptions {
  readonly id: string
  readonly check: boolean
  readonly connector: Connector
  readonly emit: Emit
  readonly stop: Stop
  /** Awaited before the first change, on whichever host: rejects when something that was checked meanwhile is wrong. */
  readonly ready: Promise<void>
  readonly hosts: (pattern: string) => readonly string[]
  readonly varsOf: (host: string) => Readonly<Record<string, unknown>>
  /** Whether `--limit` lets a host change. @default every host may */
  readonly mayChange?: (host: string) => boolean
  /** What bodies may ask ahead. @default nothing */
  readonly recall?: Recall
  /** All plays of the run, with the hosts of their bodies: they are asked ahead, too. @default none is */
  readonly plays?: readonly { readonly name: string; readonly hosts: readonly string[] }[]
  /** @default hosts are not locked */
  readonly locking?: Locking
}

/** What all bodies of one run share. */
export class RunContext {
  readonly id: string
  readonly check: boolean
  readonly connector: Connector
  readonly emit: Emit
  readonly stop: Stop
  readonly ready: Promise<void>
  readonly hosts: (pattern: string) => readonly string[]
  readonly varsOf: (host: string) => Readonly<Record<string, unknown>>
  readonly mayChange: (host: string) => boolean
  readonly recall: Recall | undefined
  readonly playsAhead: PlaysAhead | undefined
  /** Facts by host. */
  readonly facts = new Map<string, Promise<Facts>>()
  /** Results of `run.once`, by name; what bodies that only read found is kept apart from what was done. */
  readonly once = new Map<string, Promise<unknown>>()
  /** Hosts on which the prediction of a body ended, and why: in later plays nothing is certain there. */
  readonly doubts = new Map<string, string>()
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #epochs = new Map<string, number>()
  #everywhere = 0
  #changes = 0
  readonly #locking: Locking | undefined
  readonly #locks = new Map<string, HostLock>()
  readonly #overlays = new Map<string, Overlay>()
  readonly #claims = new Map<string, Claims>()
  /** What was said to the user, each thing once. */
  readonly #warnings = new Set<string>()
  #operations = 0

  constructor(options: RunContextOptions) {
    this.id = options.id
    this.check = options.check
    this.connector = options.connector
    this.#locking = options.locking
    this.emit = options.emit
    this.stop = options.stop
    this.ready = options.ready.catch((error: unknown) => {
      // The run ends with that error itself; a body is only in its way.
      throw new TsplayError('ABORTED', 'stopped before the first change: the playbook did not pass its checks', {
        cause: error,
      })
    })
    this.hosts = options.hosts
    this.varsOf = options.varsOf
    this.mayChange = options.mayChange ?? (() => true)
    this.recall = options.recall
    const { recall, plays } = options
    const changes = () => this.#changes
    const onAhead = (host: string, user: string, questions: number) => this.askedAhead(host, user, questions)
    this.playsAhead = recall && plays && new PlaysAhead({ recall, plays, changes, onAhead })
    // Whoever awaits it sees the failure; a run that never changes anything must not die of it.
    this.ready.catch(() => {})
  }

  /** What check mode predicts a host to be like by now. */
  overlay(host: string): Overlay {
    const known = this.#overlays.get(host) ?? new Overlay()
    this.#overlays.set(host, known)
    return known
  }

  /** What this run has made a host be by now. */
  claims(host: string): Claims {
    const known = this.#claims.get(host) ?? new Claims()
    this.#claims.set(host, known)
    return known
  }

  /** Tells something that `about` says once, however many hosts it holds for. */
  warn(about: string, message: string): void {
    if (this.#warnings.has(about)) return
    this.#warnings.add(about)
    this.emit({ type: 'notice', at: Date.now(), level: 'warning', message })
  }

  /** What keeps other runs off a host; nothing where hosts are not locked. */
  lock(host: string): HostLock | undefined {
    const known = this.#locks.get(host)
    const path = this.#locking?.pathOf(host)
    if (known !== undefined || this.#locking === undefined || path === undefined) return known
    const notice = (message: string) => this.emit({ type: 'notice', at: Date.now(), level: 'info', message })
    const lock = new HostLock({ ...this.#locking, host, path, notice })
    this.#locks.set(host, lock)
    return lock
  }

  /**
   * One change at a time on a host, whichever bodies ask for it: what one of them read must still be so when it writes.
   */
  async alone<T>(host: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(host) ?? Promise.resolve()).then(act)
    this.#turns.set(
      host,
      turn.catch(() => {}),
    )
    return turn
  }

  /**
   * Grows whenever a body of this run may have changed the host, or any host where none is named: answers from before are
   * of no use any more.
   */
  epoch(host: string | undefined): number {
    return host === undefined ? this.#changes : this.#everywhere + (this.#epochs.get(host) ?? 0)
  }

  /** Something may have changed a host, or all of them. */
  noteChange(host?: string): void {
    this.#changes++
    if (host === undefined) this.#everywhere++
    else this.#epochs.set(host, (this.#epochs.get(host) ?? 0) + 1)
  }

  /** Tells that a host was asked what no operation has asked yet. */
  askedAhead(host: string, user: string, questions: number): void {
    this.emit({ type: 'asked-ahead', at: Date.now(), host, user, questions })
  }

  /** A number for the next operation, unique in the run. */
  nextOperation(): number {
    return ++this.#operations
  }
}
