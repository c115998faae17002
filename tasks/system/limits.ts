import { TsplayError } from '../../runner/model/errors.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { absent } from '../files/absent.ts'
import { file } from '../files/file.ts'

/** What can be limited, as limits.conf(5) has it. */
export type LimitItem =
  | 'as'
  | 'chroot'
  | 'core'
  | 'cpu'
  | 'data'
  | 'fsize'
  | 'locks'
  | 'maxlogins'
  | 'maxsyslogins'
  | 'memlock'
  | 'msgqueue'
  | 'nice'
  | 'nofile'
  | 'nonewprivs'
  | 'nproc'
  | 'priority'
  | 'rss'
  | 'rtprio'
  | 'sigpending'
  | 'stack'

export interface Limit {
  /** A user, `@group`, `*` for all but root, or a range of numbers: `1000:`, `@500:600`. */
  readonly domain: string
  readonly item: LimitItem
  /** A whole number in the item's own unit (KiB for memory, minutes for `cpu`), or `unlimited`. */
  readonly value: number | 'unlimited'
  /** `soft` is what a session begins with, and may raise to `hard`. @default 'both' */
  readonly type?: 'soft' | 'hard' | 'both'
}

export interface LimitsOptions {
  /** Names the file: `/etc/security/limits.d/NAME.conf`. Files are read in the order of their names; the last line wins. */
  readonly name: string
  /** In this order. Needed unless it is to be absent. */
  readonly limits?: readonly Limit[]
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

/** The same once more: the page of the resource shows the type as it is written. */
const items = new Set<string>(
  `as chroot core cpu data fsize locks maxlogins maxsyslogins memlock msgqueue nice nofile nonewprivs nproc priority rss rtprio
  sigpending stack`.split(/\s+/),
)

/**
 * Limits of users' sessions (limits.conf(5) of PAM), in a file of its own, which is root's and of mode 0644. They count for
 * logins from then on. Services of systemd do not go by them: give those `LimitNOFILE=` by `unitFile`. Alpine's login has
 * no PAM, and does not go by them either.
 * @example
 * await host.ensure(limits({ name: '50-web', limits: [{ domain: '@web', item: 'nofile', value: 65_536 }] }))
 */
export function limits(options: LimitsOptions): Resource<{ readonly path: string }> {
  const { name, limits: wanted = [], state = 'present' } = options
  // pam_limits reads *.conf alone.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `limits: ${JSON.stringify(name.slice(0, 80))} can not name a file`)
  }
  const path = `/etc/security/limits.d/${name}.conf`
  if (state === 'absent') return absent({ path })
  if (wanted.length === 0) throw new TsplayError('OPTIONS', `limits ${name}: limits are needed`)
  const content = wanted.map((limit) => lineOf(name, limit)).join('')
  return file({ path, content, mode: '0644', owner: 0, group: 0 })
}

function lineOf(name: string, { domain, item, value, type = 'both' }: Limit): string {
  const wrong = (message: string) => new TsplayError('OPTIONS', `limits ${name}: ${message}`)
  if (
    !/^(?:\*|@?[A-Za-z0-9_.][A-Za-z0-9_.$-]*|[@%]?\d*:\d*|%[A-Za-z0-9_.-]*)$/.test(certain(domain)) ||
    domain.length > 200
  ) {
    throw wrong(`${JSON.stringify(domain.slice(0, 80))} is no user, no @group and no *`)
  }
  if (!items.has(certain(item))) throw wrong(`${JSON.stringify(item)} can not be limited`)
  // Nice values and priorities may be below 0.
  if (certain(value) !== 'unlimited' && !Number.isSafeInteger(value)) {
    throw wrong(`${JSON.stringify(value)} is no limit`)
  }
  return `${domain} ${type === 'both' ? '-' : type} ${item} ${value}\n`
}
