import type { TypedQuestion } from './typed-question.ts'

/**
 * A typed question about one fact of a host. It changes nothing; the engine may ask it early, batch it with others,
 * answer it from what an earlier change is predicted to lead to, or ask it again behind a guard.
 */
export interface Probe<T> {
  /** The fact's identity, `kind:subject`: two probes with one id are about the same thing. */
  readonly fact: string
  /** POSIX shell that prints the answer on standard output. Its exit code is ignored. Runs in a subshell, unless `contained`. */
  readonly script: string
  /**
   * The script leaves the shell that runs it as it was, but for variables of its own, and never ends it: it needs no
   * subshell, which would be one more process for each question.
   * @default false
   */
  readonly contained?: boolean
  /** Shell functions that the script calls: sent once, however many probes of a question need them. */
  readonly library?: string | readonly string[] | undefined
  /** How it is asked at once with others of its kind, for what costs the host a process each time it is asked. */
  readonly together?: Together | undefined
  /** Reads what the script printed. Throws on text it does not understand. */
  parse(raw: string): T
  /** Whether the answer says that the thing isn't there. @default never */
  absent?(answer: T): boolean
  /** Whether a predicted answer holds all that this probe asks for (a file's content, say). @default always */
  answeredBy?(predicted: T): boolean
  /** What it asks, as data from which it can be made again, so that it can be asked ahead. @default it is a script's */
  readonly typed?: TypedQuestion
  /** Whether this answer cost the host much, such as the digest of a large file: it is not asked for ahead. @default never */
  costly?(raw: string): boolean
  /**
   * The answer comes from elsewhere than the host (a cluster's API, say): it may take its time, so that it is asked for
   * plays to come only with others that do; and what any host changes may change it.
   * @default false
   */
  readonly remote?: boolean
  /** Other facts that the script looks at (`path:/x/*`: all below): once one is predicted to change, the answer is unknown. */
  readonly touches?: readonly string[]
}

/**
 * Several questions as one. For each it prints, after `mark LABEL`, exactly what its script prints; where it can't, it is
 * false before it has printed anything, and each is asked by its script.
 */
export interface Together {
  /** A shell function of the probe's library. Called in a subshell, with a label and a subject for each question. */
  readonly call: string
  /** As a word of shell. */
  readonly subject: string
}

export interface ScriptProbeOptions {
  /** Facts that the script looks at, as ids (`path:/etc/hosts`). Leave it out and any predicted change makes the answer unknown. */
  readonly touches?: readonly string[]
}

/** A question of your own: a read-only script and the parser of what it prints. `id` names the fact, such as `zfs pool tank`. */
export function scriptProbe<T>(
  id: string,
  script: string,
  parse: (raw: string) => T,
  options: ScriptProbeOptions = {},
): Probe<T> {
  return { fact: `script:${id}`, script, parse, touches: options.touches ?? ['*'] }
}

/** A probe's question as one shell text, for whoever asks it alone. */
export const probeText = ({ library, script }: Pick<Probe<unknown>, 'library' | 'script'>): string =>
  [library ?? [], script].flat().join('\n')
