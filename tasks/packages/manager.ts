import type { ScriptStep } from '../../runner/model/step.ts'

/** What a package manager is to do, worked out from what differs. */
export interface PackageWork {
  /** To be installed; those that are to be as new as can be among them. */
  readonly install: readonly WantedPackage[]
  readonly remove: readonly string[]
  readonly purge: boolean
  /** Whether what came only for the removed ones goes too. */
  readonly autoremove: boolean
  /** Those that are there, and that only others ask for so far. */
  readonly name: readonly string[]
  readonly hold: readonly string[]
  readonly unhold: readonly string[]
  /** Packages left half-way are to be put in order first. */
  readonly repair: boolean
  /** The lists are to be fetched anew first; else only where something is unknown. */
  readonly update: boolean
  /** Whether what is held may be changed all the same: where holds or versions are what is asked for. */
  readonly changeHeld: boolean
  readonly allowDowngrade: boolean
  readonly allowUntrusted: boolean
  /** `undefined`: as the host is set. */
  readonly recommends: boolean | undefined
  /** How long another package manager's lock is waited for, in milliseconds. */
  readonly lockTimeoutMs: number
  readonly timeoutMs: number
}

export interface WantedPackage {
  readonly name: string
  /** May hold `*`; `undefined` means the newest. */
  readonly version: string | undefined
  /** Absolute path of the package itself on the host; else it comes from a repository. */
  readonly file: string | undefined
}

/** All that is installed, brought to the newest version. */
export interface UpgradeWork extends Pick<
  PackageWork,
  'repair' | 'update' | 'autoremove' | 'lockTimeoutMs' | 'timeoutMs'
> {
  /** Whether others may go for it: else what would need that stays as it is. */
  readonly mayRemove: boolean
}

/** A way to install packages: one for each family of systems. */
export interface PackageManager {
  /** One step, so that a cut lets all of it finish. */
  step(work: PackageWork): ScriptStep
  upgrade(work: UpgradeWork): ScriptStep
  /** Whether an installed version is one that was asked for, maybe with `*`. */
  matches(wanted: string, version: string): boolean
  /** The whole version, where what was asked for leaves nothing open. */
  exact(wanted: string): string | undefined
  /** Asking for one version is to keep it there, unless something else is said. */
  readonly holdsVersions?: boolean
}
