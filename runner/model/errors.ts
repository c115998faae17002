/** Every way in which a run can fail, as a closed union: reports and exit codes switch over it. */
export type ErrorCode =
  | 'USAGE' // wrong arguments
  | 'PLAYBOOK' // the playbook can't be loaded, or uses the API wrongly
  | 'TYPES' // the playbook does not type-check
  | 'INVENTORY' // the inventory or its variables are wrong
  | 'OPTIONS' // a task or resource was given options that make no sense
  | 'CONNECT' // the host can't be reached; see ConnectError.stage
  | 'BECOME' // the other user can't be reached (sudo)
  | 'COMMAND' // a command on the host failed; see CommandError
  | 'TIMEOUT' // a limit ran out; the message says which
  | 'LOST' // the connection was lost while something ran
  | 'NOT_CONVERGED' // a resource was applied and is still not as asked
  | 'ASSERTION' // what a playbook asserts does not hold
  | 'LOCKED' // another run changes the host
  | 'NEEDS' // a needed play has no result here
  | 'ABORTED' // stopped by the user or by another host's failure
  | 'INTERNAL' // a bug in tsplay

export interface ErrorDetails {
  readonly cause?: unknown
  /** What the user can do about it: one sentence, or a command to type. */
  readonly hint?: string
  /** Where in the user's own files: `site.ts:12:3`. */
  readonly at?: string
}

/** The one error class that tsplay throws on purpose. Anything else that surfaces is a bug and is shown with its stack. */
export class TsplayError extends Error {
  override readonly name: string = 'TsplayError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  /** Filled in on the way up, by whoever knows. */
  at: string | undefined
  host: string | undefined
  taskPath: readonly string[] | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.at = details.at
  }
}

/** Which part of reaching a host failed. */
export type ConnectStage = 'config' | 'dns' | 'tcp' | 'handshake' | 'host-key' | 'auth' | 'shell' | 'timeout'

/** A host that can't be reached. These hosts are counted as `unreachable`, not as failed. */
export class ConnectError extends TsplayError {
  override readonly name: string = 'ConnectError'
  readonly stage: ConnectStage
  /** Whether trying again may help: never true once the server has judged a credential. */
  readonly retryable: boolean

  constructor(stage: ConnectStage, message: string, details: ErrorDetails & { readonly retryable?: boolean } = {}) {
    super(stage === 'timeout' ? 'TIMEOUT' : 'CONNECT', message, details)
    this.stage = stage
    this.retryable = details.retryable ?? false
  }
}

export interface CommandFailure {
  /** What was run, already redacted. */
  readonly command: string
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly signal?: string
  readonly stdout: string
  readonly stderr: string
}

/** A command on a host that ended with a code that wasn't allowed. The message is one line; the rest is in the fields. */
export class CommandError extends TsplayError {
  override readonly name: string = 'CommandError'
  readonly command: string
  readonly exitCode: number | null
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string

  constructor(message: string, failure: CommandFailure, details: ErrorDetails = {}) {
    super('COMMAND', message, details)
    this.command = failure.command
    this.exitCode = failure.exitCode
    this.signal = failure.signal
    this.stdout = failure.stdout
    this.stderr = failure.stderr
  }
}
