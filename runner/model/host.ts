import type { Changed, Command, Read } from './command.ts'
import type { Facts } from './facts.ts'
import type { Resource } from './resource.ts'
import type { Run } from './run.ts'
import type { Trigger } from './trigger.ts'

type OutOf<R> = R extends Resource<infer Out> ? Changed & Out : never

/** What `ensure` gives for one resource, or for each of a list, in its order. */
export type Ensured<What> = What extends readonly Resource<object>[]
  ? { readonly [K in keyof What]: OutOf<What[K]> }
  : OutOf<What>

export interface EnsureOptions {
  /** What a change calls for; see {@link Trigger}. */
  readonly onChange?: Trigger | readonly Trigger[]
}

/** One host, as a play body or a task sees it. Every call is one operation, and has to be awaited. */
export interface Host<Vars extends object = object> {
  /** Its name in the inventory. */
  readonly name: string
  /** The inventory's variables for it, as the playbook's and the play's schema gave them. */
  readonly vars: Readonly<Vars>
  /** True when nothing may be changed: `--check` and `plan`. */
  readonly check: boolean
  /** Asked once, in one round trip, when first awaited. */
  readonly facts: Promise<Facts>
  readonly run: Run
  /** Makes the host be so. A list is asked in one round trip and, where something differs, applied in order in a second. */
  ensure<const What extends Resource<object> | readonly Resource<object>[]>(
    what: What,
    options?: EnsureOptions,
  ): Promise<Ensured<What>>
  /** A read-only question. Also asked in check mode. */
  readonly read: Read
  /** A change by command. Never run in check mode. */
  readonly command: Command
  /** The same host as another user: `host.as('postgres')`. One session per user and run, opened when first used. */
  as(user: string): Host<Vars>
  /** Another host of the inventory, with its own variables (not schema-checked here). Connects when first used. */
  on(host: string): Host
  /** Has something undone when the body ends, however it ends. Runs in reverse order, also after Ctrl-C, for 30 s at most. */
  cleanup(undo: () => Promise<void>): void
  /** A line for people: shown in the progress and kept in the journal. */
  log(message: string): void
}
