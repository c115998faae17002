import type { Probe } from '../../runner/model/probe.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'

const definition = resource<Probe<unknown>, { readonly value: unknown }, { readonly value: unknown }>({
  kind: 'fact',
  id: ({ fact }) => fact,
  probes: (probe) => ({ value: probe }),
  diff: () => [],
  apply: () => [],
  after: (_, state) => state,
  out: (_, { value }) => ({ value }),
})

/**
 * The answer to a typed question, without asking for anything to be so. Unlike `host.read` it knows what was predicted
 * before it: in check mode the answer is the one that the run will get, where that can be foreseen.
 * @example
 * const { value } = await host.ensure(observed(probe.unit('nginx')))
 */
export const observed = <T>(probe: Probe<T>): Resource<{ readonly value: T }> =>
  // The value is what the probe's own parser gave.
  definition(probe as Probe<unknown>) as Resource<{ readonly value: T }>
