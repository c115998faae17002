import { probe } from '../../runner/model/typed-probe.ts'
import type { Probe } from '../../runner/model/probe.ts'
import type { Effect } from '../../runner/model/resource.ts'

const kinds: Readonly<Record<string, (subject: string) => Probe<unknown>>> = {
  path: (path) => probe.path(path),
  user: (name) => probe.user(name),
  group: (name) => probe.group(name),
  package: (name) => probe.package(name),
  unit: (name) => probe.unit(name),
  module: (name) => probe.module(name),
  sysctl: (key) => probe.sysctl(key),
}

/** The questions by which it can be seen whether effects came as they were declared. */
export function effectProbes(effects: readonly Effect[]): Record<string, Probe<unknown>> {
  return Object.fromEntries(
    effects.flatMap(({ fact }) => {
      const at = fact.indexOf(':')
      const ask = kinds[fact.slice(0, at)]
      return ask ? [[fact, ask(fact.slice(at + 1))]] : []
    }),
  )
}
