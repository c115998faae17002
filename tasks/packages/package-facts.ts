import { TsplayError } from '../../runner/model/errors.ts'
import type { PackageFileState } from '../../runner/model/facts-of/package-file.ts'
import type { PackageState } from '../../runner/model/facts-of/package.ts'
import type { PackageSystem } from '../../runner/model/facts-of/package-system.ts'
import { certain } from '../../runner/model/unknown.ts'
import { apk } from './apk.ts'
import { apt } from './apt.ts'
import { dnf } from './dnf.ts'
import type { PackageManager } from './manager.ts'
import type { PackageSpec } from './package-spec.ts'
import type { PackagesOptions } from './packages-options.ts'

/** What is known of the packages that are asked for, and of what installs them. */
export interface PackageFacts {
  readonly system: PackageSystem
  /** What the file holds that they are installed from; only where there is one. */
  readonly file?: PackageFileState | undefined
  readonly [name: `package ${string}`]: PackageState
}

/** The options with their names read. */
export interface WantedPackages extends Omit<PackagesOptions, 'names'> {
  readonly specs: readonly PackageSpec[]
}

export const isRemoval = ({ state }: WantedPackages) => state === 'absent' || state === 'purged'

const nothing: PackageState = { version: undefined, held: false, remains: false }
export const foundOf = (facts: PackageFacts, { name }: PackageSpec) => facts[`package ${name}`] ?? nothing

const named = ({ specs }: WantedPackages) => `packages ${specs.map(({ name }) => name).join(', ')}`

const managers = { apt, dnf, apk }

/** The host's package manager, or an error that says which it has in place of one that is known here. */
export function packageManager(what: string, { manager }: PackageSystem): PackageManager {
  if (manager in managers) return managers[manager as keyof typeof managers]
  throw new TsplayError(
    'COMMAND',
    manager === 'none'
      ? `${what}: no package manager on this host`
      : `${what}: this host has ${manager}, and only apt, dnf and apk are supported`,
    { hint: 'use host.command with a guard (unless, creates) on this host' },
  )
}

/** The same for packages, which may be held. */
export function managerOf(wanted: WantedPackages, system: PackageSystem): PackageManager {
  const manager = packageManager(named(wanted), system)
  if (wanted.hold === undefined || system.canHold) return manager
  throw new TsplayError('COMMAND', `${named(wanted)}: dnf of this host can hold no package`, {
    hint: 'install its plugin first: python3-dnf-plugin-versionlock',
  })
}

/** Whether a package is to be kept at its version; `undefined`: that stays as it is. */
export function holdOf(wanted: WantedPackages, { version }: PackageSpec, system: PackageSystem): boolean | undefined {
  const manager = managerOf(wanted, system)
  if (wanted.hold !== undefined) return wanted.hold
  return manager.holdsVersions && version !== undefined && manager.exact(version) !== undefined ? true : undefined
}

/** Each package with the version that is wanted of it: its own, or that of the file it comes from. */
export function wantedSpecs(wanted: WantedPackages, facts: PackageFacts): readonly PackageSpec[] {
  const { specs, from } = wanted
  if (from === undefined || isRemoval(wanted)) return specs
  return specs.map((spec) => {
    // A named version is known without a look into the file, which may be yet to come.
    if (spec.version !== undefined && versionIs(wanted, facts, spec)) return spec
    const file = certain(facts.file)
    if (file === undefined) {
      throw new TsplayError('COMMAND', `${named(wanted)}: ${from} does not exist on the host`, {
        hint: 'bring it there first, with file({ source }) or download()',
      })
    }
    if (file.name !== spec.name || !managerOf(wanted, facts.system).matches(spec.version ?? '*', file.version)) {
      throw new TsplayError('COMMAND', `${named(wanted)}: ${from} holds ${file.name} ${file.version}`, {
        hint: `name what it holds: ${file.name}`,
      })
    }
    return { name: spec.name, version: file.version }
  })
}

/** Whether the version is the one that is installed: then the file is needed no more, and may be gone. */
function versionIs(wanted: WantedPackages, facts: PackageFacts, spec: PackageSpec): boolean {
  const version = certain(foundOf(facts, spec).version)
  return version !== undefined && managerOf(wanted, facts.system).matches(spec.version ?? '*', version)
}
