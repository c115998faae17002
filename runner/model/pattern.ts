/** The name inside one term of a host pattern: `!web` → `web`, `control_plane[0]` → `control_plane`. */
type Name<Term extends string> = Term extends `!${infer Rest}` | `&${infer Rest}`
  ? Name<Rest>
  : Term extends `${infer Group}[${string}]`
    ? Group
    : Term

type Unknown<P extends string, Names extends string> = P extends `${infer A}${':' | ','}${infer B}`
  ? Unknown<A, Names> | Unknown<B, Names>
  : Name<P> extends Names | 'all' | 'ungrouped'
    ? never
    : P extends `~${string}` | `${string}*${string}`
      ? never
      : Name<P>

/** A host pattern; where the playbook lists its groups, a name outside them does not compile. */
export type Pattern<P extends string, Names extends string> = string extends Names
  ? P
  : [Unknown<P, Names>] extends [never]
    ? P
    : `unknown group or host: ${Unknown<P, Names>}`

/** Whether a pattern can match more than one host: only `group[0]` can't. (The `[0]` of a regular expression is a character class.) */
export type Many<P extends string> = P extends `${string}${':' | ','}${string}` | `~${string}`
  ? true
  : P extends `${string}[${string}:${string}]`
    ? true
    : P extends `${string}[${number}]`
      ? false
      : true
