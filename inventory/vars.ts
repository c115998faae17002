import type { StandardSchemaV1 } from '@standard-schema/spec'
import { alike } from './alike.ts'
import { isConnectionVar } from './connection-names.ts'
import type { Inventory, InventoryHost, Origin } from './inventory.ts'
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
  const groups = schemas.length > 0 ? alike(known) : []
  for (const schema of schemas) {
    for (const group of groups) {
      const [first] = group
      if (!first) continue
      const checked = await check(schema, first.vars, context)
      if (checked.issues) for (const issue of checked.issues) await collector.add(schema, group, issue)
      else await collectUnusable(schema, group, checked, collector, context)
      if (checked.output && checked.output !== first.vars)
        for (const { name } of group) vars.set(name, { ...vars.get(name), ...checked.output })
    }
  }
  await collectSealed(schemas, known, collector, context)
  const usable = new Set<Origin>()
  for (const host of known) vars.set(host.name, guarded(host, vars.get(host.name)!, usable))
  return { vars, problems: collector.problems() }
}

/**
 * Variables of which one that holds what can't be used throws where it is read: a Jinja expression or an encrypted text
 * taken for the value would be silently wrong. Variables that a schema names were refused before.
 */
function guarded(host: InventoryHost, vars: CheckedRecord, usable: Set<Origin>): CheckedRecord {
  let copy: Record<string, unknown> | undefined
  for (const name of host.origins.namesWhere(mayBeUnusable)) {
    const value = vars[name]
    const origin = host.origins.get(name) ?? host.origin
    // Most values come from few places; one without a line may be that of several variables.
    if (origin.line !== undefined && usable.has(origin)) continue
    const [path] = unusablePaths(value, [name])
    if (path === undefined) {
      usable.add(origin)
      continue
    }
    copy ??= { ...vars }
    Object.defineProperty(copy, name, {
      enumerable: true,
      configurable: true,
      get() {
        const place = placeOf(host, origin, path.slice(1))
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
  collector: ProblemCollector,
  context: string,
): Promise<void> {
  const fine = new Set<Origin>()
  for (const host of hosts) {
    for (const name of host.origins.namesWhere(mayBeUnusable)) {
      const origin = host.origins.get(name) ?? host.origin
      if ((origin.line !== undefined && fine.has(origin)) || isConnectionVar(name)) continue
      const paths = sealedPaths(host.vars[name], [name])
      if (paths.length === 0) fine.add(origin)
      else if (await everyLoose(schemas, host, context))
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
  collector: ProblemCollector,
  context: string,
): Promise<void> {
  const [first] = hosts
  if (!first) return
  const { vars, origins } = first
  const paths = origins
    .namesWhere(mayBeUnusable)
    .flatMap((name) => (Object.hasOwn(output, name) ? unusablePaths(vars[name], [name]) : []))
  // A schema that hands on everything does not need all that it hands on.
  if (paths.length === 0 || (await isLoose(schema, vars, context))) return
  for (const path of paths) await collector.addUnusable(hosts, path)
}
