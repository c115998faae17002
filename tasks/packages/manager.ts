import type { ScriptStep } from '../../runner/model/step.ts'

/** What a package manager is to do, worked out from what differs. */
export interface PackageWork {
  /** To be installed, as `name` or `name=version`; those of `latest` among them. */
  readonly install: readonly string[]
  readonly remove: readonly string[]
  readonly purge: boolean
  readonly hold: readonly string[]
  readonly unhold: readonly string[]
  /** Packages left half-way are to be put in order first. */
  readonly repair: boolean
  /** The lists are to be fetched anew first; else only where something is unknown. */
  readonly update: boolean
  /** Whether what is held may be changed all the same: where holds or versions are what is asked for. */
  readonly changeHeld: boolean
  readonly allowDowngrade: boolean
  /** `undefined`: as the host is set. */
  readonly recommends: boolean | undefined
  /** How long another package manager's lock is waited for, in milliseconds. */
  readonly lockTimeoutMs: number
  readonly timeoutMs: number
}

/** A way to install packages: one for each family of systems. */
export interface PackageManager {
  /** One step, so that a cut lets all of it finish. */
  step(work: PackageWork): ScriptStep
}
