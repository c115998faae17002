import { TsplayError } from '../../model/errors.ts'
import type { Session } from '../../session/session.ts'
import { keptTest, lockLibrary, type LockHolder, takeCall } from './keeper.ts'

/** What goes ahead of a change, in the same exchange. */
export interface LockGuard {
  readonly library?: string
  /** Shell text that says how it ended, and leaves the exchange where nothing may be changed. */
  readonly script: string
  /** For how long it may wait, in milliseconds. */
  readonly waitMs: number
  /** Takes a line of it while it still waits. */
  heard(line: string): void
  /** Takes all it said; throws TsplayError LOCKED where nothing may be changed. */
  settle(said: string): void
}

export interface HostLockOptions {
  readonly host: string
  readonly holder: LockHolder
  /** What is locked on the host; `''` for the usual place. */
  readonly path: string
  readonly waitSeconds: number
  readonly notice: (message: string) => void
}

/**
 * The lock that keeps two runs off one host. It is taken with the first change, asked after with each further one, and
 * ends with the session that took it. A run that loses it changes nothing more there.
 */
export class HostLock {
  readonly #options: HostLockOptions
  #keeper: number | undefined
  #isNone = false
  #lost: TsplayError | undefined

  constructor(options: HostLockOptions) {
    this.#options = options
  }

  /** Whether a change needs no word of it beforehand. */
  get isSettled(): boolean {
    return this.#keeper !== undefined || this.#isNone
  }

  /** What is to go ahead of a change that this session makes; nothing on a host where no lock can be had. */
  guard(session: Session): LockGuard | undefined {
    if (this.#lost !== undefined) throw this.#lost
    if (this.#isNone) return undefined
    const { host, holder, path, waitSeconds, notice } = this.#options
    const keeper = this.#keeper
    if (keeper !== undefined) {
      return { script: keptTest(keeper), waitMs: 0, heard: () => {}, settle: (said) => this.#settle(session, said) }
    }
    let isTold = false
    return {
      library: lockLibrary,
      script: takeCall(holder, session.shellPid, waitSeconds, path),
      waitMs: waitSeconds * 1000,
      heard(line) {
        if (isTold || waitSeconds === 0 || !line.startsWith('busy')) return
        isTold = true
        notice(`${host}: ${told(line)}; it is waited for, ${waitSeconds} s at most`)
      },
      settle: (said) => this.#settle(session, said),
    }
  }

  #settle(session: Session, said: string): void {
    const [verdict = '', pid = ''] = (said.trim().split('\n').at(-1) ?? '').split(' ')
    const { host, notice } = this.#options
    switch (verdict) {
      case 'held':
      case 'ours':
        if (/^\d+$/.test(pid)) this.#hold(session, Number(pid), verdict === 'held')
        return
      case 'none':
        this.#isNone = true
        notice(`${host}: no lock can be taken there (it needs flock): nothing keeps other runs off`)
        return
      case 'lost':
        this.#lost = new TsplayError('LOCKED', `${host}: this run has lost its lock, and changes nothing more there`, {
          hint: 'Somebody ended the lock, and another run may have begun: look for it, then run again.',
        })
        throw this.#lost
      case 'busy':
        throw refused(host, said.trim().split('\n').at(-1) ?? '')
    }
  }

  #hold(session: Session, pid: number, own: boolean): void {
    this.#keeper = pid
    if (!own) return
    session.keeps(pid)
    // It ends with its session; another session takes it anew.
    void session.closed.then(() => {
      if (this.#keeper === pid) this.#keeper = undefined
    })
  }
}

/** Only what a holder's words can be made of: the rest is what the host makes of it. */
const holderOf = (line: string) => /^busy (\d+) ([\w.-]{1,80}) ([\w.@-]{1,200}) ([\w:.-]{1,40})$/.exec(line)

function told(line: string): string {
  const [, , run, who, since] = holderOf(line) ?? []
  return who === undefined ? 'another run changes this host' : `${who} changes this host since ${since} (run ${run})`
}

function refused(host: string, line: string): TsplayError {
  const pid = holderOf(line)?.[1]
  const end = pid === undefined ? "look for tsplay-lock in the host's process list" : `on the host: kill ${pid}`
  return new TsplayError('LOCKED', `${host} is locked: ${told(line)}`, {
    hint: `Wait for that run, longer with --wait-lock SECONDS. Where it can't be stopped any more, end its lock ${end}.`,
  })
}
