import type { StandardSchemaV1 } from '@standard-schema/spec'
import { alike } from './alike.ts'
import { isConnectionVar } from './connection-names.ts'
import type { Inventory, InventoryHost } from './inventory.ts'
import { PathFinder } from './path-finder.ts'
import { ProblemCollector, valueAt } from './problem-collector.ts'
import { errorAt, placeOf } from './place.ts'
import { check, isLoose, sealedPaths, unusablePaths } from './schema-check.ts'
import type { Checked } from './schema-check.ts'
import { mayBeUnusable, unusable } from './secrets/unusable.ts'
import { showPath } from './var-problem.ts'
import type { VarProblem } from './var-problem.ts'

export { renderProblems } from './var-problem.ts'
export type { VarProblem } from './var-problem.ts'

type CheckedRecord = Readonly<Record<string, unknown>>

export interface CheckedVars {
  /** Each host's variables, with what the schemas made of them (defaults, transformations) laid over. */
  readonly vars: ReadonlyMap<string, CheckedRecord>
  /** Empty when every host satisfies every schema; otherwise `vars` is not to be used. */
  readonly problems: readonly VarProblem[]
}

/**
 * Checks the merged variables of the hosts against schemas, all hosts at once. What is wrong is collected, never
 * thrown; only a schema that is broken itself throws (`PLAYBOOK`). `context` names who asks: `the play "Join"`.
 * Jinja expressions in variables that a schema names are problems too. So are secrets that could not be got, those of all
 * variables where no schema says which are used: a run is not to find out half-way.
 */
export async function checkVars(
  inventory: Inventory,
  hosts: readonly string[],
  schemas: readonly StandardSchemaV1[],
  context: string,
): Promise<CheckedVars> {
  const known = hosts.flatMap((name) => inventory.hosts.get(name) ?? [])
  const vars = new Map(known.map((host): [string, CheckedRecord] => [host.name, host.vars]))
  const collector = new ProblemCollector(inventory, known, context)
  const sealedIn = new PathFinder(sealedPaths)
  const unusableIn = new PathFinder(unusablePaths)
  const groups = schemas.length > 0 ? alike(known) : []
  for (const schema of schemas) {
    for (const group of groups) {
      const [first] = group
      if (!first) continue
      const checked = await check(schema, first.vars, context)
      if (checked.issues) for (const issue of checked.issues) await collector.add(schema, group, issue)
      else await collectUnusable(schema, group, checked, unusableIn, collector, context)
      if (checked.output && checked.output !== first.vars)
        for (const { name } of group) vars.set(name, { ...vars.get(name), ...checked.output })
    }
  }
  await collectSealed(schemas, known, sealedIn, collector, context)
  for (const host of known) vars.set(host.name, guarded(host, vars.get(host.name)!, unusableIn))
  return { vars, problems: collector.problems() }
}

/**
 * Variables of which one that holds what can't be used throws where it is read: a Jinja expression or an encrypted text
 * taken for the value would be silently wrong. Variables that a schema names were refused before.
 */
function guarded(host: InventoryHost, vars: CheckedRecord, finder: PathFinder): CheckedRecord {
  let copy: Record<string, unknown> | undefined
  for (const name of host.origins.namesWhere(mayBeUnusable)) {
    const value = vars[name]
    const [path] = finder.paths(host, name, value)
    if (path === undefined) continue
    copy ??= { ...vars }
    Object.defineProperty(copy, name, {
      enumerable: true,
      configurable: true,
      get() {
        const place = placeOf(host, host.origins.get(name) ?? host.origin, path.slice(1))
        const why = place.unsafe ? undefined : unusable(valueAt(value, path.slice(1)))
        if (why) throw errorAt(place, `${showPath(path)} of ${host.name}: the value ${why.reason}`, why.hint)
        return value
      },
    })
  }
  return copy ?? vars
}

async function collectSealed(
  schemas: readonly StandardSchemaV1[],
  hosts: readonly InventoryHost[],
  finder: PathFinder,
  collector: ProblemCollector,
  context: string,
): Promise<void> {
  for (const host of hosts) {
    for (const name of host.origins.namesWhere(mayBeUnusable)) {
      const paths = finder.paths(host, name, host.vars[name])
      if (paths.length === 0 || isConnectionVar(name) || !(await everyLoose(schemas, host, context))) continue
      for (const path of paths) await collector.addUnusable([host], path)
    }
  }
}

async function everyLoose(
  schemas: readonly StandardSchemaV1[],
  { vars }: InventoryHost,
  context: string,
): Promise<boolean> {
  const loose = await Promise.all(schemas.map((schema) => isLoose(schema, vars, context)))
  return loose.every(Boolean)
}

async function collectUnusable(
  schema: StandardSchemaV1,
  hosts: readonly InventoryHost[],
  { output = {} }: Checked,
  finder: PathFinder,
  collector: ProblemCollector,
  context: string,
): Promise<void> {
  const [first] = hosts
  if (!first) return
  const paths = first.origins
    .namesWhere(mayBeUnusable)
    .flatMap((name) => (Object.hasOwn(output, name) ? finder.paths(first, name, first.vars[name]) : []))
  // A schema that hands on everything does not need all that it hands on.
  if (paths.length === 0 || (await isLoose(schema, first.vars, context))) return
  for (const path of paths) await collector.addUnusable(hosts, path)
}
