import { TsplayError } from '../../runner/model/errors.ts'
import { packageFileProbe } from '../../runner/model/facts-of/package-file.ts'
import { packageSystemProbe } from '../../runner/model/facts-of/package-system.ts'
import { packageProbe } from '../../runner/model/facts-of/package.ts'
import { absolutePath } from '../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { broughtFacts } from './brought-facts.ts'
import { packagesAfter, packagesChanges } from './package-changes.ts'
import { foundOf, isRemoval, managerOf, type PackageFacts, type WantedPackages } from './package-facts.ts'
import { packageSpecs } from './package-spec.ts'
import { packageWork } from './package-work.ts'
import type { PackagesOptions } from './packages-options.ts'

export type { Brings, BroughtUnit, PackagesOptions } from './packages-options.ts'

export interface PackagesOut {
  /** By name; `undefined` where a package is not installed. */
  readonly versions: Readonly<Record<string, string | undefined>>
}

const definition = resource<WantedPackages, PackageFacts, PackagesOut>({
  kind: 'packages',
  id: ({ specs }) => specs.map(({ name }) => name).join(' '),
  validate({ specs, from }) {
    if (specs.length === 0) throw new TsplayError('OPTIONS', 'packages: no names are given')
    if (from === undefined) return
    absolutePath(from)
    if (specs.length > 1) throw new TsplayError('OPTIONS', 'packages: one file (`from`) holds one package')
  },
  probes: ({ specs, state, from, listsMaxAgeMs }) => ({
    system: packageSystemProbe({ age: listsMaxAgeMs !== undefined }),
    ...(from === undefined ? {} : { file: packageFileProbe(from) }),
    ...Object.fromEntries(
      specs.map(({ name }) => [`package ${name}`, packageProbe(name, { candidate: state === 'latest' })]),
    ),
  }),
  diff: packagesChanges,
  apply: (wanted, changes, facts) => [managerOf(wanted, facts.system).step(packageWork(wanted, changes, facts))],
  after: packagesAfter,
  effects(wanted, facts) {
    const { brings, specs } = wanted
    const removes = isRemoval(wanted)
    // What is installed already has brought what it brings, and the host can tell what became of that.
    const matters = specs.some((spec) => (foundOf(facts, spec).version === undefined) !== removes)
    return brings !== undefined && matters ? broughtFacts(brings, removes) : []
  },
  opaque: ({ brings }, changes) =>
    brings?.complete !== true && changes.some(({ field, after }) => field.startsWith('version') && after !== undefined),
  out: ({ specs }, facts) => ({
    versions: Object.fromEntries(specs.map((spec) => [spec.name, foundOf(facts, spec).version])),
  }),
})

/**
 * Packages of the host's own package manager: apt of Debian and Ubuntu, dnf of Fedora, RHEL and their kin, apk of
 * Alpine, where /etc/apk/world names what was asked for, and what it names no more goes. Nothing is
 * asked, changed configuration files are kept, whatever an earlier cut left half-way is repaired, and a lost link lets
 * the installation finish on its own. Say what they bring, and check mode can foresee the units, users and directories
 * that later resources need.
 * @example
 * await host.ensure(packages({ names: ['nginx', 'curl'], brings: { units: ['nginx'], directories: ['/etc/nginx'] } }))
 */
export const packages = ({ names, ...options }: PackagesOptions): Resource<PackagesOut> =>
  definition({ ...options, specs: packageSpecs(names) })
