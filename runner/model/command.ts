import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Content } from './content.ts'
import type { ShellArg } from './quote.ts'
import type { OnDisconnect } from './step.ts'

/** What a command gave. */
export interface Ran {
  /** Standard output as text, exact (a final newline is kept). */
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface Changed {
  readonly changed: boolean
}

export interface CommandOptions {
  readonly stdin?: Content
  /** Set for this command alone. Visible to the host's administrators: secrets go by `stdin`. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Limit in milliseconds, after which the whole process group is killed. @default 10 minutes */
  readonly timeoutMs?: number
  /** Exit codes that are no failure. @default [0] */
  readonly okCodes?: readonly number[]
}

export interface ReadOptions extends CommandOptions {
  /**
   * Fact ids or absolute paths that the answer depends on. Check mode then knows whether a predicted change touches
   * it. Left out, every predicted change on the host makes what follows the read a `may`.
   */
  readonly touches?: readonly string[]
  /** The answer is a secret: it is neither shown as it arrives nor kept in the journal. Put it into a `Secret`. */
  readonly secret?: true
}

/**
 * When a command is needed. `creates`: a path that it makes. `unless`: a shell test that succeeds when there is nothing
 * to do; `onlyIf`: one that succeeds when there is something. `everyTime`: always; `changed` may then judge the result.
 */
export type Guard =
  | { readonly creates: string }
  | { readonly unless: string }
  | { readonly onlyIf: string }
  | { readonly everyTime: true; readonly changed?: (result: Ran) => boolean }

export type CommandCall = Guard &
  CommandOptions & {
    readonly onDisconnect?: OnDisconnect
    /**
     * The command makes the host boot anew: that the connection ends is no failure, and the operation ends once the host
     * answers again, with another boot. `timeoutMs` limits all of it. @default false
     */
    readonly reboots?: boolean
  }

/** The result of a read, with readers for common shapes. */
export interface Reading extends Promise<Ran> {
  /** Standard output without trailing white space. */
  text(): Promise<string>
  /** The lines of standard output, without the last empty one. */
  lines(): Promise<string[]>
  /** Standard output as JSON, checked by the schema. */
  json<S extends StandardSchemaV1>(schema: S): Promise<StandardSchemaV1.InferOutput<S>>
}

/** A template of POSIX shell text: each value becomes one quoted word, an array several. */
export type ReadTag = (strings: TemplateStringsArray, ...values: readonly ShellArg[]) => Reading

/** Asks the host something without changing it: host.read`uname -r`, or host.read({ cwd: '/srv' })`ls`. */
export interface Read extends ReadTag {
  (options: ReadOptions): ReadTag
}

/** Changes the host by a command: host.command({ creates: '/etc/x' })`make-x ${name}`. Not run in check mode. */
export type Command = (
  call: CommandCall,
) => (strings: TemplateStringsArray, ...values: readonly ShellArg[]) => Promise<Ran & Changed>
