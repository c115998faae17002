import type { Change } from '../model/change.ts'
import type { ErrorCode } from '../model/errors.ts'

/** How an operation ended. `may`: check mode can't say for certain that it changes something. */
export type OperationStatus = 'ok' | 'changed' | 'may' | 'failed' | 'skipped'

/** An error as data, redacted. */
export interface ErrorReport {
  readonly code: ErrorCode
  /** One line, or a few. */
  readonly message: string
  readonly hint?: string
  /** `site.ts:12:3` in the user's code or inventory. */
  readonly at?: string
  readonly taskPath?: readonly string[]
  readonly command?: string
  readonly exitCode?: number | null
  /** The last lines of standard error. */
  readonly stderr?: string
  /** The last lines of standard output, where standard error is empty. */
  readonly stdout?: string
  /** Only for bugs: errors that tsplay did not throw on purpose. */
  readonly stack?: string
}

/** Counts per host, in Ansible's words and two more (`may`, `notRun`). */
export interface Recap {
  readonly ok: number
  readonly changed: number
  readonly unreachable: number
  readonly failed: number
  readonly skipped: number
  /** Operations that failed in a body that caught the failure and went on. */
  readonly rescued: number
  readonly ignored: number
  readonly may: number
  /** Plays that this host never began, because the run ended first. */
  readonly notRun: number
}

interface At {
  /** Milliseconds since 1970. */
  readonly at: number
}

interface OnHost extends At {
  readonly host: string
  readonly play: string
}

interface OnOperation extends OnHost {
  /** Unique within the run. */
  readonly operation: number
}

/** A run begins: everything that can be checked beforehand was found right. */
export interface RunStarted extends At {
  readonly type: 'run-started'
  readonly runId: string
  readonly playbook: string
  readonly file: string
  readonly inventory: string
  readonly hosts: readonly string[]
  readonly mode: 'run' | 'check'
  /** What was asked for on the command line, redacted. */
  readonly command: readonly string[]
  readonly user: string
  /** The commit of the playbook's folder, where it is in a git repository; `dirty` when it has changes. */
  readonly commit?: { readonly id: string; readonly dirty: boolean }
}

/** Something worth a line that belongs to no host: type checks skipped, a limit that left hosts out. */
export interface Notice extends At {
  readonly type: 'notice'
  readonly level: 'info' | 'warning'
  readonly message: string
}

export interface PlayStarted extends At {
  readonly type: 'play-started'
  readonly play: string
  readonly hosts: readonly string[]
  /** How many batches `serial` makes of them. */
  readonly batches: number
}

export interface PlaySkipped extends At {
  readonly type: 'play-skipped'
  readonly play: string
  readonly reason: string
}

export interface BatchStarted extends At {
  readonly type: 'batch-started'
  readonly play: string
  /** From 1. */
  readonly batch: number
  readonly hosts: readonly string[]
}

/** A host's body of a play begins. */
export interface HostStarted extends OnHost {
  readonly type: 'host-started'
}

/** A host was reached, the first time in this run. */
export interface HostConnected extends At {
  readonly type: 'host-connected'
  readonly host: string
  readonly description: string
  readonly durationMs: number
}

export interface OperationStarted extends OnOperation {
  readonly type: 'operation-started'
  /** Tasks it is in, outermost first. */
  readonly taskPath: readonly string[]
  /** `file`, `package`, `command`, `read`, `effect` … */
  readonly kind: string
  /** `/etc/hosts`, `nginx`; the command's text for commands. Redacted. */
  readonly id: string
}

export interface OperationFinished extends OnOperation {
  readonly type: 'operation-finished'
  readonly taskPath: readonly string[]
  readonly kind: string
  readonly id: string
  readonly status: OperationStatus
  readonly changes: readonly Change[]
  /** Why `may`, or why skipped. */
  readonly reason?: string
  readonly error?: ErrorReport
  readonly durationMs: number
}

/** A line that a running operation printed on the host, made safe for a terminal, and redacted. */
export interface Output extends OnOperation {
  readonly type: 'output'
  readonly stream: 'stdout' | 'stderr'
  readonly line: string
}

/** What was sent to a host, for `-v`. Redacted. */
export interface CommandSent extends At {
  readonly type: 'command-sent'
  readonly host: string
  readonly user: string
  readonly script: string
}

/**
 * Questions were sent to a host before the operations that want their answers: those that they asked in the last run. An
 * operation whose answers were read ahead, and had nothing to do, sends nothing itself.
 */
export interface AskedAhead extends At {
  readonly type: 'asked-ahead'
  readonly host: string
  readonly user: string
  /** How many. */
  readonly questions: number
}

/** `host.log()`. */
export interface Logged extends OnHost {
  readonly type: 'logged'
  readonly message: string
}

/** Something outside the hosts was done, or would have been: `run.effect`. */
export interface EffectFinished extends OnHost {
  readonly type: 'effect-finished'
  readonly name: string
  readonly status: 'changed' | 'skipped' | 'failed'
  readonly error?: ErrorReport
}

/** A host's body of a play ended. `predicted`: check mode could not go on to its end, for `reason`; that is no failure. */
export interface HostFinished extends OnHost {
  readonly type: 'host-finished'
  readonly status: 'ok' | 'failed' | 'unreachable' | 'aborted' | 'predicted'
  readonly changed: boolean
  readonly reason?: string
  readonly error?: ErrorReport
  readonly durationMs: number
}

export interface PlayFinished extends At {
  readonly type: 'play-finished'
  readonly play: string
}

/** The user asked to stop; `stage` is how often. */
export interface Stopping extends At {
  readonly type: 'stopping'
  readonly stage: 1 | 2 | 3
  readonly message: string
}

export interface RunFinished extends At {
  readonly type: 'run-finished'
  readonly status: 'ok' | 'failed' | 'unreachable' | 'interrupted'
  readonly recap: Readonly<Record<string, Recap>>
  readonly durationMs: number
  /** Where the journal of this run lies. */
  readonly journal?: string
}

/** Everything that can be seen of a run. Screens, journals and files are made of these alone. */
export type Event =
  | RunStarted
  | Notice
  | PlayStarted
  | PlaySkipped
  | BatchStarted
  | HostStarted
  | HostConnected
  | OperationStarted
  | OperationFinished
  | Output
  | CommandSent
  | AskedAhead
  | Logged
  | EffectFinished
  | HostFinished
  | PlayFinished
  | Stopping
  | RunFinished

/** Takes events as they come. Must not throw, and must not wait. */
export type Emit = (event: Event) => void
