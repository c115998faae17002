import type { Effect } from '../../runner/model/resource.ts'

/** A unit that a package brings: its name, or how it is right after the installation. */
export type BroughtUnit =
  | string
  | {
      readonly name: string
      readonly running: boolean
      /** `'unknown'` where it differs among the packages of that name. */
      readonly enabled: boolean | 'unknown'
    }

/** What is known to come with packages, so that check mode can foresee what needs it. */
export interface Brings {
  /** As names they are taken to run and to be enabled, as Debian's packages have it. */
  readonly units?: readonly BroughtUnit[]
  readonly users?: readonly string[]
  readonly groups?: readonly string[]
  /** Absolute paths. */
  readonly directories?: readonly string[]
  /** Absolute paths of files: that they are there is foreseen, their content is not. */
  readonly files?: readonly string[]
  /** What probes of the packages' own programs will answer. */
  readonly facts?: readonly Effect[]
  /**
   * Nothing else that comes with them matters: what is absent now, and is not listed here, is foreseen to stay absent.
   * Otherwise whatever is absent is unknown from here on. @default false
   */
  readonly complete?: boolean
}

export interface PackagesOptions {
  /** One or more names; `name=1.2.3-1` for a version, `name=1.2.*` for any that matches. */
  readonly names: string | readonly string[]
  /** `latest`: as new as the host's lists have it. `purged`: gone with its configuration files, which of apk can only be said while it is installed. @default 'present' */
  readonly state?: 'present' | 'latest' | 'absent' | 'purged'
  /**
   * Absolute path on the host of a `.deb`, `.rpm` or `.apk` file which the one package that is named is installed from, with
   * what it needs from repositories. Where no version is named, that of the file is wanted.
   */
  readonly from?: string
  /**
   * Whether upgrades pass them by: dpkg's `hold`, dnf's versionlock (a plugin of dnf 4 that has to be installed), of apk
   * a line `NAME=VERSION` in /etc/apk/world. Left out, holds stay as they are; but where apk is asked for one whole
   * version or for a file, it keeps that, as it does by itself, unless this is `false`.
   */
  readonly hold?: boolean
  /**
   * Package lists older than this, in milliseconds, are fetched anew before anything is installed, and for `latest` in
   * any case. They always are where a name or version is unknown. @default they may have any age
   */
  readonly listsMaxAgeMs?: number
  /** Whether an older version than the installed one may be installed. @default false */
  readonly allowDowngrade?: boolean
  /**
   * Of apk: whether packages and lists without a signature that the host trusts are taken; `from` names most likely one.
   * apt and dnf have no such question about files. @default false
   */
  readonly allowUntrusted?: boolean
  /** Whether recommended packages (of dnf: weak dependencies) are installed too; apk has none. @default as the host is set */
  readonly recommends?: boolean
  /**
   * With `absent` and `purged`: whether packages go too that came only because of others, and are needed by none. apk
   * always does that. @default false
   */
  readonly autoremove?: boolean
  /** What is known to come with them. @default nothing is known, and what is absent may be there afterwards */
  readonly brings?: Brings
  /** How long another package manager's lock is waited for, in milliseconds. @default 5 minutes */
  readonly lockTimeoutMs?: number
  /** Limit for all of it, in milliseconds. @default 30 minutes */
  readonly timeoutMs?: number
}
