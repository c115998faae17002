import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import {
  packageProbe,
  packageSystemProbe,
  type PackageState,
  type PackageSystem,
} from '../../runner/model/facts-of/package.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { apt } from './apt.ts'
import { broughtFacts } from './brought-facts.ts'
import type { PackageWork } from './manager.ts'
import { type PackageSpec, packageSpecs, versionMatches } from './package-spec.ts'
import type { PackagesOptions } from './packages-options.ts'

export type { Brings, BroughtUnit, PackagesOptions } from './packages-options.ts'

export interface PackagesOut {
  /** By name; `undefined` where a package is not installed. */
  readonly versions: Readonly<Record<string, string | undefined>>
}

interface State {
  readonly system: PackageSystem
  readonly [name: `package ${string}`]: PackageState
}

interface Wanted extends Omit<PackagesOptions, 'names'> {
  readonly specs: readonly PackageSpec[]
}

const definition = resource<Wanted, State, PackagesOut>({
  kind: 'packages',
  id: ({ specs }) => specs.map(({ name }) => name).join(' '),
  probes: ({ specs, state, listsMaxAgeMs }) => ({
    system: packageSystemProbe({ age: listsMaxAgeMs !== undefined }),
    ...Object.fromEntries(
      specs.map(({ name }) => [`package ${name}`, packageProbe(name, { candidate: state === 'latest' })]),
    ),
  }),
  diff(wanted, state) {
    checkManager(wanted, certain(state.system))
    const changes = wanted.specs.flatMap((spec) => packageChanges(wanted, spec, certain(foundOf(state, spec))))
    const { broken } = state.system
    if (broken.length > 0) changes.unshift({ field: 'broken packages', before: broken, after: [] })
    if (wanted.state === 'latest' && listsAreOld(wanted, state)) {
      changes.push({ field: 'package lists', before: 'old', after: 'fresh' })
    }
    return changes
  },
  apply: (wanted, changes, state) => [apt.step(work(wanted, changes, state))],
  after(wanted, state) {
    const installs = !isRemoval(wanted)
    const fetches = wanted.state === 'latest' && listsAreOld(wanted, state)
    const packages = wanted.specs.map((spec) => {
      const key = `package ${spec.name}` as const
      return [key, packageAfter(wanted, spec, foundOf(state, spec), fetches)] as const
    })
    const listsAgeMs = installs && listsAreOld(wanted, state) ? 0 : state.system.listsAgeMs
    return { ...state, ...Object.fromEntries(packages), system: { ...state.system, broken: [], listsAgeMs } }
  },
  effects(wanted, state) {
    const { brings } = wanted
    const removes = isRemoval(wanted)
    // What is installed already has brought what it brings, and the host can tell what became of that.
    const matters = wanted.specs.some((spec) => (foundOf(state, spec).version === undefined) !== removes)
    return brings !== undefined && matters ? broughtFacts(brings, removes) : []
  },
  opaque: ({ brings }, changes) =>
    brings?.complete !== true && changes.some(({ field, after }) => field.startsWith('version') && after !== undefined),
  out: ({ specs }, state) => ({
    versions: Object.fromEntries(specs.map(({ name }) => [name, state[`package ${name}`]?.version])),
  }),
})

const isRemoval = ({ state }: Wanted) => state === 'absent' || state === 'purged'

const nothing: PackageState = { version: undefined, held: false, remains: false }
const foundOf = (state: State, { name }: PackageSpec) => state[`package ${name}`] ?? nothing

function checkManager({ specs }: Wanted, { manager }: PackageSystem): void {
  if (manager === 'apt') return
  const what = `packages ${specs.map(({ name }) => name).join(', ')}`
  throw new TsplayError(
    'COMMAND',
    manager === 'none'
      ? `${what}: no package manager on this host`
      : `${what}: this host has ${manager}, and only apt is supported`,
    { hint: 'use host.command with a guard (unless, creates) on this host' },
  )
}

const several = ({ specs }: Wanted, name: string) => (specs.length > 1 ? ` of ${name}` : '')

function packageChanges(wanted: Wanted, spec: PackageSpec, found: PackageState): Change[] {
  const field = `version${several(wanted, spec.name)}`
  const changes: Change[] = []
  const version = certain(found.version)
  if (isRemoval(wanted)) {
    if (version !== undefined) changes.push({ field, before: version, after: undefined })
    else if (wanted.state === 'purged' && certain(found.remains)) {
      changes.push({ field: `configuration files${several(wanted, spec.name)}`, before: 'left', after: undefined })
    }
    return changes
  }
  const candidate = wanted.state === 'latest' ? certain(found.candidate)?.version : undefined
  const outdated = candidate !== undefined && candidate !== version
  if (version === undefined || !versionMatches(spec.version, version) || (outdated && spec.version === undefined)) {
    const after = exact(spec) ?? candidate ?? unknown<string>('the newest that the host can get')
    changes.push({ field, before: version, after })
  }
  if (wanted.hold !== undefined && certain(found.held) !== wanted.hold) {
    changes.push({ field: `hold${several(wanted, spec.name)}`, before: found.held, after: wanted.hold })
  }
  return changes
}

const exact = ({ version }: PackageSpec) => (version?.includes('*') ? undefined : version)

const listsAreOld = ({ listsMaxAgeMs }: Wanted, { system }: State): boolean =>
  listsMaxAgeMs !== undefined && (system.listsAgeMs === undefined || certain(system.listsAgeMs) > listsMaxAgeMs)

function packageAfter(wanted: Wanted, spec: PackageSpec, found: PackageState, fetches: boolean): PackageState {
  if (wanted.state === 'purged') return { version: undefined, held: false, remains: false }
  if (wanted.state === 'absent') {
    if (found.version === undefined) return found
    return { version: undefined, held: found.held, remains: unknown('whether it has configuration files') }
  }
  const changes = packageChanges(wanted, spec, found)
  const chosen = changes.some(({ field }) => field.startsWith('version'))
  const newest = () => (fetches ? unknown<string>('the lists are fetched first') : found.candidate?.version)
  return {
    version: chosen ? (exact(spec) ?? newest() ?? unknown('chosen by apt')) : found.version,
    held: wanted.hold ?? found.held,
    remains: false,
    ...(found.candidate === undefined
      ? {}
      : { candidate: fetches ? unknown('the lists are fetched first') : found.candidate }),
  }
}

function work(wanted: Wanted, changes: readonly Change[], state: State): PackageWork {
  const { specs } = wanted
  const differs = (field: string, name: string) =>
    changes.some((change) => change.field === field + several(wanted, name))
  const removes = isRemoval(wanted)
  const touched = specs.filter(({ name }) => differs('version', name) || differs('configuration files', name))
  const stale = listsAreOld(wanted, state)
  // With fresh lists there may be newer ones than were known before: apt leaves alone what is the newest already.
  const installed = wanted.state === 'latest' && stale ? specs : touched
  const named = (test: (name: string) => boolean) => specs.map(({ name }) => name).filter(test)
  return {
    install: removes ? [] : installed.map(({ name, version }) => (version === undefined ? name : `${name}=${version}`)),
    remove: removes ? touched.map(({ name }) => name) : [],
    purge: wanted.state === 'purged',
    hold: named((name) => wanted.hold === true && differs('hold', name)),
    unhold: named((name) => wanted.hold === false && differs('hold', name)),
    repair: changes.some(({ field }) => field === 'broken packages'),
    update: stale && !removes && installed.length > 0,
    changeHeld: wanted.hold !== undefined || specs.some(({ version }) => version !== undefined),
    allowDowngrade: wanted.allowDowngrade ?? false,
    recommends: wanted.recommends,
    lockTimeoutMs: wanted.lockTimeoutMs ?? 300_000,
    timeoutMs: wanted.timeoutMs ?? 1_800_000,
  }
}

/**
 * Packages of the host's own package manager (so far apt). Nothing is asked, changed configuration files are kept,
 * whatever an earlier cut left half-way is repaired, and a lost link lets the installation finish on its own. Say what
 * they bring, and check mode can foresee the units, users and directories that later resources need.
 * @example
 * await host.ensure(packages({ names: ['nginx', 'curl'], brings: { units: ['nginx'], directories: ['/etc/nginx'] } }))
 */
export function packages({ names, ...options }: PackagesOptions): Resource<PackagesOut> {
  const specs = packageSpecs(names)
  if (specs.length === 0) throw new TsplayError('OPTIONS', 'packages: no names are given')
  return definition({ ...options, specs })
}
