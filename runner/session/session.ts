import type { TreeAction } from '../model/step.ts'

/** One command for a session. */
export interface SessionCommand {
  /** POSIX shell text, 96 KiB at most. Visible in the host's process list. */
  readonly script: string
  /** 64 KiB at most; larger input goes through {@link Session.upload}. */
  readonly stdin?: Uint8Array
  /** After it the process group is sent TERM and, 2 s later, KILL. @default none */
  readonly timeoutMs?: number
  /** Aborting kills the process group in the same way; the result still comes. */
  readonly signal?: AbortSignal
  /** Called with output as it arrives, also with that beyond the limit; a tail may be held back for 50 ms. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
  /** How much of each stream is kept. @default 8 MiB */
  readonly maxOutputBytes?: number
}

export interface SessionResult {
  /** Exit code; 128 + n when signal n ended it. */
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** More than `maxOutputBytes` came, and the rest was dropped. */
  readonly truncated: boolean
  readonly timedOut: boolean
  readonly aborted: boolean
}

/**
 * A shell that stays open on a host, for one user. Commands run one after another, each in a process group of its own;
 * a command costs one round trip, and commands given without waiting travel together.
 */
export interface Session {
  readonly user: string
  readonly uid: number
  /** The host's process that runs the session's shell. */
  readonly shellPid: number
  /** What the login printed before the session was ready: kept for diagnosis. */
  readonly noise: string
  /** Detached steps of earlier runs that still ran, or whose result nobody had taken, when the session was opened. */
  readonly pending: readonly string[]
  /** Round trips so far: each command, upload or wait counts one, beside what opening took. */
  readonly roundTrips: number
  /** Rejects with TsplayError LOST when the connection is lost before the result is whole. */
  run(command: SessionCommand): Promise<SessionResult>
  /**
   * Streams bytes of any size into a new file of mode 0600 beside `target` (symlinks followed), through a channel of its
   * own with the same user, and gives the path of that temporary file once its SHA-256 was found right.
   */
  upload(target: string, content: Uint8Array | { readonly localPath: string }): Promise<string>
  /**
   * Streams what the actions need into a new directory of mode 0700 in `target`, through a channel of its own, and gives
   * its path. `target` is made with `rootMode` where it is missing.
   */
  uploadTree(target: string, rootMode: string, actions: readonly TreeAction[]): Promise<string>
  /** Streams a file of any size from the host into a local path, at once or not at all. */
  download(source: string, localPath: string): Promise<void>
  /** Ties a lock's keeper to the session: it is told when the shell ends, however that ends. */
  keeps(keeperPid: number): void
  /** Ends the shell and what still runs in it. */
  close(): Promise<void>
  /** Settles when the session is gone: with nothing when it was closed here, else with why. Never rejects. */
  readonly closed: Promise<Error | undefined>
}
