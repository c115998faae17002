import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isConnectionVar } from './connection-names.ts'
import type { Inventory, InventoryHost, Origin } from './inventory.ts'
import { ProblemCollector, valueAt } from './problem-collector.ts'
import { errorAt, placeOf } from './place.ts'
import { plainKey } from './plain-key.ts'
import { check, isLoose, sealedPaths, unusablePaths } from './schema-check.ts'
import type { Checked } from './schema-check.ts'
import { unusable } from './secrets/unusable.ts'
import { showPath } from './var-problem.ts'
import type { VarProblem } from './var-problem.ts'

export { renderProblems } from './var-problem.ts'
export type { VarProblem } from './var-problem.ts'

export interface CheckedVars {
  /** Each host's variables, with what the schemas made of them (defaults, transformations) laid over. */
  readonly vars: Map<string, Record<string, unknown>>
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
  const vars = new Map(known.map((host): [string, Record<string, unknown>] => [host.name, { ...host.vars }]))
  const collector = new ProblemCollector(inventory, known, context)
  const groups = schemas.length > 0 ? [...alike(known)] : []
  for (const schema of schemas) {
    for (const group of groups) {
      const [first] = group
      if (!first) continue
      const checked = await check(schema, first.vars, context)
      if (checked.issues) for (const issue of checked.issues) await collector.add(schema, group, issue)
      else await collectUnusable(schema, group, checked, collector, context)
      if (checked.output) for (const host of group) Object.assign(vars.get(host.name)!, checked.output)
    }
  }
  await collectSealed(schemas, known, collector, context)
  const usable = new Set<Origin>()
  for (const host of known) guard(host, vars.get(host.name)!, usable)
  return { vars, problems: collector.problems() }
}

/**
 * Makes a variable that holds what can't be used throw where it is read: a Jinja expression or an encrypted text taken for
 * the value would be silently wrong. Variables that a schema names were refused before.
 */
function guard(host: InventoryHost, vars: Record<string, unknown>, usable: Set<Origin>): void {
  for (const [name, origin] of host.origins) {
    // Most values come from few places; one without a line may be that of several variables.
    if (origin.line !== undefined && usable.has(origin)) continue
    const value = vars[name]
    const [path] = unusablePaths(value, [name])
    if (path === undefined) {
      usable.add(origin)
      continue
    }
    Object.defineProperty(vars, name, {
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
}

/** Hosts with equal variables, so that each set is checked once. */
function alike(hosts: readonly InventoryHost[]): Iterable<readonly InventoryHost[]> {
  const groups = new Map<unknown, InventoryHost[]>()
  for (const host of hosts) {
    const key = plainKey(host.vars) ?? host
    const known = groups.get(key)
    if (known) known.push(host)
    else groups.set(key, [host])
  }
  return groups.values()
}

async function collectSealed(
  schemas: readonly StandardSchemaV1[],
  hosts: readonly InventoryHost[],
  collector: ProblemCollector,
  context: string,
): Promise<void> {
  const fine = new Set<Origin>()
  for (const host of hosts) {
    for (const [name, origin] of host.origins) {
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
  const vars = hosts[0]?.vars ?? {}
  const paths = Object.keys(output).flatMap((name) =>
    Object.hasOwn(vars, name) ? unusablePaths(vars[name], [name]) : [],
  )
  // A schema that hands on everything does not need all that it hands on.
  if (paths.length === 0 || (await isLoose(schema, vars, context))) return
  for (const path of paths) await collector.addUnusable(hosts, path)
}
