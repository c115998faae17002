import type { Secret } from '../../runner/model/secret.ts'

export interface UserOptions {
  /** The login name, as useradd(8) takes it. */
  readonly name: string
  /** @default the next free one */
  readonly uid?: number
  /** The first group, by name or gid; it has to exist. @default one of the user's own name, or as useradd(8) has it */
  readonly group?: string | number
  /** Further groups, which have to exist. Those that the user has beside them are kept. */
  readonly groups?: readonly string[]
  /** Whether further groups that are not in `groups` are taken away. @default false */
  readonly exclusiveGroups?: boolean
  /** @default below /home, or as useradd(8) has it */
  readonly home?: string
  /** Whether the home directory is made where it is missing. @default true, but false for `system` users */
  readonly createHome?: boolean
  /** Whether the old home's content goes along when `home` changes. @default false */
  readonly moveHome?: boolean
  /** Absolute path of the login shell. @default as useradd(8) has it */
  readonly shell?: string
  /** The GECOS field: usually the full name. */
  readonly comment?: string
  /** Whether a new user's uid is taken from the range of system users. @default false */
  readonly system?: boolean
  /** The password's hash as crypt(5) has it: `$y$…`, `$6$…`. Compared on the host by its SHA-256. */
  readonly passwordHash?: Secret<string>
  /** Whether logging in by password is locked (usermod -L), as it is for a new user without one. By key it is not. */
  readonly locked?: boolean
  /** `absent` keeps the home, unless `removeHome` is said. @default 'present' */
  readonly state?: 'present' | 'absent'
  /** With `absent`: whether home and mail go too. @default false */
  readonly removeHome?: boolean
}
