/** How a program is started on a host. */
export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Open descriptors that the program gets as 3, 4 … */
  readonly descriptors?: readonly number[]
}

/** What keeps a sandbox host apart from the machine. */
export interface Isolation {
  /** The user that logs in. */
  readonly user: string
  /** A command for the user's login shell, or, without one, that shell itself. */
  launch(command: string | undefined): Promise<Launch>
  /** Ends everything that runs on the host. */
  close(): Promise<void>
}
