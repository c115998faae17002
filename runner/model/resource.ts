import type { Change } from './change.ts'
import type { Probe } from './probe.ts'
import type { Step } from './step.ts'
import type { Trigger } from './trigger.ts'

declare const out: unique symbol

/** What a host is asked to be. Opaque: only `Out`, what `host.ensure` gives back beside `changed`, is visible. */
export interface Resource<Out extends object = object> {
  readonly kind: string
  readonly id: string
  readonly [out]?: Out
}

/** A fact beyond the resource's own probes that its change settles, such as the unit that a package brings. */
export interface Effect {
  /** The fact's id, as probes have it: `unit:nginx.service`; `path:/srv/*` for all that lies below a path. */
  readonly fact: string
  /** What a probe of it would answer afterwards. */
  readonly value: unknown
}

/**
 * A kind of thing that can be ensured. All functions but `probes` are pure; the engine decides what is asked, sent,
 * predicted and reported, so that check mode, diff and the second-run guarantee hold for every resource alike.
 */
export interface Definition<Options, State extends object, Out extends object> {
  /** The field's noun: `file`, `package`, `service`. */
  readonly kind: string
  /** Identity within a host: two resources of one kind and id in one run are the same thing. */
  id(options: Options): string
  /** Throws `TsplayError('OPTIONS')` on options that make no sense, before anything is asked of the host. */
  validate?(options: Options): void
  /** What must be known. Answered in one round trip. */
  probes(options: Options): { readonly [K in keyof State]: Probe<State[K]> }
  /** What differs. An empty list means that nothing is to be done. */
  diff(options: Options, state: NoInfer<State>): readonly Change[]
  /** How to make it so. Called only with changes; sent in one round trip. */
  apply(options: Options, changes: readonly Change[], state: NoInfer<State>): readonly Step[]
  /** What the probes will answer once applied; `unknown('why')` for what can't be said beforehand. */
  after(options: Options, state: NoInfer<State>): NoInfer<State>
  /** What `host.ensure` returns beside `changed`, from the state reached. */
  out(options: Options, state: NoInfer<State>): Out
  /** Other facts that the change settles. */
  effects?(options: Options, state: NoInfer<State>): readonly Effect[]
  /** What each change calls for, beside what whoever asks for it says by `onChange`. */
  onChange?(options: Options): readonly Trigger[]
  /**
   * Set where a change has effects that nobody can list (a package's files and units). Predicting it makes every
   * later answer of "absent" on that host unknown, unless `effects` names the fact.
   */
  opaque?(options: Options, changes: readonly Change[]): boolean
}

/** The engine's view of a resource: the definition with its options applied. */
export interface Bound extends Resource {
  readonly definition: Definition<unknown, object, object>
  readonly options: unknown
}

/** Makes the factory of a resource from its definition: `export const file = resource<FileOptions, …>({ … })`. */
export function resource<Options, const State extends object, Out extends object>(
  definition: Definition<Options, State, Out>,
): (options: Options) => Resource<Out> {
  return (options) => {
    definition.validate?.(options)
    const bound: Bound = {
      kind: definition.kind,
      id: definition.id(options),
      // The pair of definition and options is consistent by construction; the engine only ever uses them together.
      definition: definition as unknown as Definition<unknown, object, object>,
      options,
    }
    return bound as object as Resource<Out>
  }
}

/** Whether a value was made by {@link resource}. */
export const isResource = (value: unknown): value is Bound =>
  typeof value === 'object' && value !== null && 'definition' in value && 'kind' in value && 'id' in value
