import type { Change } from '../../runner/model/change.ts'
import type { PackageState } from '../../runner/model/facts-of/package.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import {
  foundOf,
  holdOf,
  isRemoval,
  managerOf,
  type PackageFacts,
  type WantedPackages,
  wantedSpecs,
} from './package-facts.ts'
import type { PackageSpec } from './package-spec.ts'

/** What differs between the packages that are asked for and those that are there. */
export function packagesChanges(wanted: WantedPackages, facts: PackageFacts): Change[] {
  managerOf(wanted, certain(facts.system))
  const specs = wantedSpecs(wanted, facts)
  const changes = specs.flatMap((spec) => packageChanges(wanted, spec, certain(foundOf(facts, spec)), facts))
  const { broken } = facts.system
  if (broken.length > 0) changes.unshift({ field: 'broken packages', before: broken, after: [] })
  if (wanted.state === 'latest' && listsAreOld(wanted, facts)) {
    changes.push({ field: 'package lists', before: 'old', after: 'fresh' })
  }
  return changes
}

/** With several packages, each field says of which it is. */
export const fieldOf = (wanted: WantedPackages, field: string, { name }: PackageSpec) =>
  wanted.specs.length > 1 ? `${field} of ${name}` : field

export const listsAreOld = ({ listsMaxAgeMs }: WantedPackages, { system }: PackageFacts): boolean =>
  listsMaxAgeMs !== undefined && (system.listsAgeMs === undefined || certain(system.listsAgeMs) > listsMaxAgeMs)

function packageChanges(
  wanted: WantedPackages,
  spec: PackageSpec,
  found: PackageState,
  { system }: PackageFacts,
): Change[] {
  const field = fieldOf(wanted, 'version', spec)
  const changes: Change[] = []
  const version = certain(found.version)
  if (isRemoval(wanted)) {
    if (version !== undefined) changes.push({ field, before: version, after: undefined })
    // What is named and not there comes with whatever is installed next.
    else if (certain(found.named)) changes.push({ field: fieldOf(wanted, 'named', spec), before: true, after: false })
    else if (wanted.state === 'purged' && certain(found.remains)) {
      changes.push({ field: fieldOf(wanted, 'configuration files', spec), before: 'left', after: undefined })
    }
    return changes
  }
  const manager = managerOf(wanted, system)
  const candidate = wanted.state === 'latest' ? certain(found.candidate)?.version : undefined
  const outdated = candidate !== undefined && candidate !== version && spec.version === undefined
  if (version === undefined || (spec.version !== undefined && !manager.matches(spec.version, version)) || outdated) {
    const whole = spec.version === undefined ? undefined : manager.exact(spec.version)
    const after = whole ?? candidate ?? unknown<string>('the newest that the host can get')
    changes.push({ field, before: version, after })
  } else if (certain(found.named) === false) {
    changes.push({ field: fieldOf(wanted, 'named', spec), before: false, after: true })
  }
  const hold = holdOf(wanted, spec, system)
  if (hold !== undefined && certain(found.held) !== hold) {
    changes.push({ field: fieldOf(wanted, 'hold', spec), before: found.held, after: hold })
  }
  return changes
}

/** What is known of the packages once they are as asked. */
export function packagesAfter(wanted: WantedPackages, facts: PackageFacts): PackageFacts {
  const installs = !isRemoval(wanted)
  const fetches = wanted.state === 'latest' && listsAreOld(wanted, facts)
  const packages = wantedSpecs(wanted, facts).map(
    (spec) => [`package ${spec.name}`, packageAfter(wanted, spec, facts, fetches)] as const,
  )
  const listsAgeMs = installs && listsAreOld(wanted, facts) ? 0 : facts.system.listsAgeMs
  return { ...facts, ...Object.fromEntries(packages), system: { ...facts.system, broken: [], listsAgeMs } }
}

function packageAfter(wanted: WantedPackages, spec: PackageSpec, facts: PackageFacts, fetches: boolean): PackageState {
  const found = foundOf(facts, spec)
  const manager = managerOf(wanted, facts.system)
  const named = facts.system.manager === 'apk' ? { named: !isRemoval(wanted) } : {}
  if (wanted.state === 'purged') return { version: undefined, held: false, remains: false, ...named }
  if (wanted.state === 'absent') {
    if (found.version === undefined && !found.named) return found
    // rpm keeps what was edited under another name, and takes away the rest.
    const remains = facts.system.manager === 'apt' ? unknown<boolean>('whether it has configuration files') : false
    const held = facts.system.manager === 'apt' && found.held
    return { version: undefined, held, remains, ...named }
  }
  const changes = packageChanges(wanted, spec, found, facts)
  const chosen = changes.some(({ field }) => field.startsWith('version'))
  const fetched = 'the lists are fetched first'
  const chooser = 'chosen by the package manager'
  const whole = spec.version === undefined ? undefined : manager.exact(spec.version)
  const newest = fetches ? unknown<string>(fetched) : found.candidate?.version

  return {
    version: chosen || (fetches && spec.version === undefined) ? (whole ?? newest ?? unknown(chooser)) : found.version,
    held: holdOf(wanted, spec, facts.system) ?? found.held,
    remains: false,
    ...named,
    ...(found.candidate === undefined ? {} : { candidate: fetches ? unknown(fetched) : found.candidate }),
  }
}
