import type { Change } from '../../runner/model/change.ts'
import type { PackageWork } from './manager.ts'
import { fieldOf, listsAreOld } from './package-changes.ts'
import { holdOf, isRemoval, type PackageFacts, type WantedPackages, wantedSpecs } from './package-facts.ts'
import type { PackageSpec } from './package-spec.ts'

/** What the package manager is to do about what differs. */
export function packageWork(wanted: WantedPackages, changes: readonly Change[], facts: PackageFacts): PackageWork {
  const specs = wantedSpecs(wanted, facts)
  const differs = (field: string, spec: PackageSpec) =>
    changes.some((change) => change.field === fieldOf(wanted, field, spec))
  const removes = isRemoval(wanted)
  const fields = ['version', 'configuration files', ...(removes ? ['named'] : [])]
  const touched = specs.filter((spec) => fields.some((field) => differs(field, spec)))
  const stale = listsAreOld(wanted, facts)
  // With fresh lists there may be newer ones than were known before: what is the newest already is left alone.
  const installed = wanted.state === 'latest' && stale ? specs : touched
  const hold = (spec: PackageSpec) => (removes ? wanted.hold : holdOf(wanted, spec, facts.system))
  const named = (test: (spec: PackageSpec) => boolean) => specs.filter(test).map(({ name }) => name)
  return {
    install: removes ? [] : installed.map((spec) => ({ ...spec, file: wanted.from })),
    remove: removes ? touched.map(({ name }) => name) : [],
    purge: wanted.state === 'purged',
    autoremove: wanted.autoremove ?? false,
    name: removes ? [] : named((spec) => differs('named', spec)),
    hold: named((spec) => hold(spec) === true && (differs('hold', spec) || installed.includes(spec))),
    unhold: named((spec) => hold(spec) === false && differs('hold', spec)),
    repair: changes.some(({ field }) => field === 'broken packages'),
    update: stale && !removes && installed.length > 0,
    changeHeld: wanted.hold !== undefined || specs.some(({ version }) => version !== undefined),
    allowDowngrade: wanted.allowDowngrade ?? false,
    allowUntrusted: wanted.allowUntrusted ?? false,
    recommends: wanted.recommends,
    lockTimeoutMs: wanted.lockTimeoutMs ?? 300_000,
    timeoutMs: wanted.timeoutMs ?? 1_800_000,
  }
}
