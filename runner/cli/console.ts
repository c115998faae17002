import type { OutputStream } from '../report/streams.ts'

/** What a command may touch of the process it runs in, so that tests can stand in for it. */
export interface Console {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The arguments after `tsplay`, as given. */
  readonly args: readonly string[]
  /** Sets the exit code of the process; see exit-code.ts. */
  exitWith(code: number): void
  /** Ends the process at once, by the user's third or fourth wish. */
  forceExit(): void
}
