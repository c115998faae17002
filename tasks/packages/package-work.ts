import type { Change } from '../../runner/model/change.ts'
import type { PackageWork } from './manager.ts'
import { fieldOf, listsAreOld } from './package-changes.ts'
import { isRemoval, type PackageFacts, type WantedPackages, wantedSpecs } from './package-facts.ts'
import type { PackageSpec } from './package-spec.ts'

/** What the package manager is to do about what differs. */
export function packageWork(wanted: WantedPackages, changes: readonly Change[], facts: PackageFacts): PackageWork {
  const specs = wantedSpecs(wanted, facts)
  const differs = (field: string, spec: PackageSpec) =>
    changes.some((change) => change.field === fieldOf(wanted, field, spec))
  const removes = isRemoval(wanted)
  const touched = specs.filter((spec) => differs('version', spec) || differs('configuration files', spec))
  const stale = listsAreOld(wanted, facts)
  // With fresh lists there may be newer ones than were known before: what is the newest already is left alone.
  const installed = wanted.state === 'latest' && stale ? specs : touched
  const named = (test: (spec: PackageSpec) => boolean) => specs.filter(test).map(({ name }) => name)
  return {
    install: removes ? [] : installed.map((spec) => ({ ...spec, file: wanted.from })),
    remove: removes ? touched.map(({ name }) => name) : [],
    purge: wanted.state === 'purged',
    autoremove: wanted.autoremove ?? false,
    hold: named((spec) => wanted.hold === true && (differs('hold', spec) || installed.includes(spec))),
    unhold: named((spec) => wanted.hold === false && differs('hold', spec)),
    repair: changes.some(({ field }) => field === 'broken packages'),
    update: stale && !removes && installed.length > 0,
    changeHeld: wanted.hold !== undefined || specs.some(({ version }) => version !== undefined),
    allowDowngrade: wanted.allowDowngrade ?? false,
    recommends: wanted.recommends,
    lockTimeoutMs: wanted.lockTimeoutMs ?? 300_000,
    timeoutMs: wanted.timeoutMs ?? 1_800_000,
  }
}
