import { TsplayError } from '../runner/model/errors.ts'
import type { GraphHost, InventoryGraph } from './graph.ts'
import { isPrintable, printable } from './printable.ts'
import { runScript } from './script-run.ts'
import type { ScriptLimits } from './script-run.ts'

/** How many `--host` calls run at a time. */
const atOnce = 8

/**
 * Runs a dynamic inventory, a program that prints JSON for `--list`: groups with `hosts`, `children` and `vars`, and
 * `_meta.hostvars`; without the latter it is asked with `--host NAME` for each host. Adds to the graph; throws `INVENTORY`.
 */
export async function readScript(file: string, graph: InventoryGraph, limits: ScriptLimits): Promise<void> {
  const hosts = new Set<GraphHost>()
  const answer = parse(await runScript(file, ['--list'], limits), `${file} --list`)
  let hostVars: Mapping | undefined
  for (const [name, data] of Object.entries(answer)) {
    if (name === '_meta') hostVars = metaVars(file, data)
    else readGroup(file, name, data, graph, hosts)
  }
  const varsOf = new Map<GraphHost, Mapping>()
  if (hostVars) {
    for (const host of hosts) {
      const vars = Object.hasOwn(hostVars, host.name) ? hostVars[host.name] : {}
      if (!isMapping(vars)) throw fault(file, `_meta.hostvars.${host.name}: a mapping is expected, not ${kind(vars)}`)
      varsOf.set(host, vars)
    }
  } else {
    const waiting = [...hosts].values()
    const worker = async () => {
      for (const host of waiting) {
        const text = await runScript(file, ['--host', host.name], limits)
        varsOf.set(host, text.trim() === '' ? {} : parse(text, `${file} --host ${host.name}`))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }
  for (const host of hosts)
    for (const [key, value] of Object.entries(varsOf.get(host) ?? {})) host.vars.set(key, { value, origin: { file } })
}

type Mapping = Readonly<Record<string, unknown>>

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(text: string, what: string): Mapping {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    const begin = text.trim() === '' ? 'nothing' : `this: ${text.trim().slice(0, 60)}`
    throw fault(what, `the inventory script must print JSON; it printed ${begin}`, cause)
  }
  if (isMapping(answer)) return answer
  throw fault(what, `the inventory script must print a mapping; it printed ${kind(answer)}`)
}

function metaVars(file: string, meta: unknown): Mapping | undefined {
  if (!isMapping(meta)) throw fault(file, `_meta: a mapping is expected, not ${kind(meta)}`)
  if (!Object.hasOwn(meta, 'hostvars')) return undefined
  if (isMapping(meta['hostvars'])) return meta['hostvars']
  throw fault(file, `_meta.hostvars: a mapping is expected, not ${kind(meta['hostvars'])}`)
}

function readGroup(file: string, name: string, data: unknown, graph: InventoryGraph, found: Set<GraphHost>): void {
  const origin = { file }
  checkName(file, name, 'group')
  const group = graph.group(name, origin)
  const { hosts = [], vars = {}, children = [] } = members(name, data)
  for (const host of names(file, `${name}.hosts`, hosts)) {
    checkName(file, host, 'host')
    found.add(graph.host(host, group, origin))
  }
  if (!isMapping(vars)) throw fault(file, `${name}.vars: a mapping is expected, not ${kind(vars)}`)
  for (const [key, value] of Object.entries(vars)) {
    if (key !== 'ansible_group_priority') group.vars.set(key, { value, origin })
    else if (Number.isInteger(Number(value))) group.priority = Number(value)
    else throw fault(file, `${name}.vars.ansible_group_priority: a whole number is expected`)
  }
  for (const child of names(file, `${name}.children`, children)) {
    checkName(file, child, 'group')
    if (child === 'all') throw fault(file, `${name}.children: "all" holds every group and can not be in one`)
    const loop = graph.connect(group, graph.group(child, origin))
    if (loop) throw fault(file, `${name}.children: the group contains itself: ${loop.join(' > ')}`)
  }
}

/** A list is one of hosts; a mapping without any of the three keys is a host of the group's name with variables. */
function members(name: string, data: unknown): { hosts?: unknown; vars?: unknown; children?: unknown } {
  if (!isMapping(data)) return { hosts: data }
  const own = (key: string) => (Object.hasOwn(data, key) ? { [key]: data[key] } : {})
  if (!['hosts', 'vars', 'children'].some((key) => Object.hasOwn(data, key))) return { hosts: [name], vars: data }
  return { ...own('hosts'), ...own('vars'), ...own('children') }
}

function names(file: string, where: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value
  throw fault(
    file,
    `${where}: a list of names is expected, not ${Array.isArray(value) ? 'one with other values' : kind(value)}`,
  )
}

function checkName(file: string, name: string, noun: string): void {
  if (name.trim() === '') throw fault(file, `a ${noun} needs a name`)
  if (!isPrintable(name)) throw fault(file, `"${name}" is no ${noun} name: it holds a control character`)
}

const kind = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : isMapping(value) ? 'a mapping' : `a ${typeof value}`

const fault = (file: string, message: string, cause?: unknown) =>
  new TsplayError('INVENTORY', printable(`${file}: ${message}`), { cause })
