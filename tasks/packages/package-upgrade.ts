import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { packageFact } from '../../runner/model/facts-of/package.ts'
import { packageSystemProbe, type PackageSystem } from '../../runner/model/facts-of/package-system.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { packageManager } from './package-facts.ts'
import { type Upgrades, upgradesProbe } from './upgrades.ts'

export interface PackageUpgradeOptions {
  /**
   * `full`: others may be removed for it, as `apt full-upgrade` does. `safe`: what would need that stays as it is; of dnf
   * also what another package replaces. apk has one way only, in which nothing goes that anything needs. @default 'full'
   */
  readonly mode?: 'full' | 'safe'
  /** Whether packages go that came only because of others, and are needed by none any more; of apk they always do. @default false */
  readonly autoremove?: boolean
  /** Package lists older than this, in milliseconds, are fetched anew first. @default 1 hour */
  readonly listsMaxAgeMs?: number
  /** How long another package manager's lock is waited for, in milliseconds. @default 5 minutes */
  readonly lockTimeoutMs?: number
  /** Limit for all of it, in milliseconds. @default 1 hour */
  readonly timeoutMs?: number
}

interface State {
  readonly system: PackageSystem
  readonly upgrades: Upgrades
}

const what = 'package upgrade'
const hour = 3_600_000

const listsAreOld = ({ listsMaxAgeMs = hour }: PackageUpgradeOptions, { listsAgeMs }: PackageSystem): boolean =>
  listsAgeMs === undefined || certain(listsAgeMs) > listsMaxAgeMs

const definition = resource<PackageUpgradeOptions, State, object>({
  kind: 'package-upgrade',
  id: () => 'of the host',
  probes: ({ mode = 'full', autoremove = false }) => ({
    system: packageSystemProbe({ age: true }),
    upgrades: upgradesProbe(mode, autoremove),
  }),
  diff(options, state): Change[] {
    const system = certain(state.system)
    packageManager(what, system)
    const broken = system.broken.length > 0 ? [{ field: 'broken packages', before: system.broken, after: [] }] : []
    if (listsAreOld(options, system)) {
      const after = unknown<string>('the lists are fetched first')
      return [
        ...broken,
        { field: 'package lists', before: 'old', after: 'fresh' },
        { field: 'versions', before: undefined, after },
      ]
    }
    const { found, failed } = certain(state.upgrades)
    // What is broken is repaired before anything is asked again.
    if (failed !== undefined && broken.length === 0) throw new TsplayError('COMMAND', `${what}: ${failed}`)
    return [...broken, ...found.map(({ name, from, to }) => ({ field: `version of ${name}`, before: from, after: to }))]
  },
  apply(options, changes, { system }) {
    const { mode = 'full', autoremove = false, lockTimeoutMs = 300_000, timeoutMs = hour } = options
    return [
      packageManager(what, system).upgrade({
        mayRemove: mode === 'full',
        autoremove,
        repair: changes.some(({ field }) => field === 'broken packages'),
        update: listsAreOld(options, system),
        lockTimeoutMs,
        timeoutMs,
      }),
    ]
  },
  after(options, { system }) {
    const listsAgeMs = listsAreOld(options, system) ? 0 : system.listsAgeMs
    return { system: { ...system, broken: [], listsAgeMs }, upgrades: { found: [] } }
  },
  effects(options, { system, upgrades }) {
    if (listsAreOld(options, system)) return []
    const remains = unknown<boolean>('whether it has configuration files')
    return upgrades.found.map(({ name, to }) => ({
      fact: packageFact(name),
      value: { version: to, held: false, remains: to === undefined ? remains : false },
    }))
  },
  opaque: () => true,
  out: () => ({}),
})

/**
 * All packages of the host as new as its lists have them: apt full-upgrade, dnf upgrade, apk upgrade. What is held stays. Configuration
 * files that were changed are kept, what an earlier cut left half-way is repaired first, another package manager's lock is
 * waited for, and a lost link lets it finish on its own. Whether a reboot is due then is another matter: see `reboot`.
 * @example
 * await host.ensure(packageUpgrade({ autoremove: true }))
 * await reboot(host, { onlyIf: 'test -e /run/reboot-required' })
 */
export const packageUpgrade = (options: PackageUpgradeOptions = {}): Resource => definition(options)
