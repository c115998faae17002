import type { Readable, Writable } from 'node:stream'

/** How one program on a host ended. `code` is null when a signal, or the loss of the connection, ended it. */
export interface ChannelExit {
  readonly code: number | null
  readonly signal: string | undefined
  /** The channel closed without any word of how the program ended. */
  readonly lost: boolean
}

/** One program that runs on a host, with its three streams. */
export interface Channel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles once, when the channel is closed; never rejects. */
  readonly closed: Promise<ChannelExit>
  /** Ends the channel now. What runs on the host may live on. */
  close(): void
}

/** A way to a host that is open: sessions and data channels are started on it. */
export interface Connection {
  /** What is at the other end, for people: `deploy@web1 (10.0.0.5:22)`. */
  readonly description: string
  /** The user that programs run as. */
  readonly user: string
  /** Starts a program through the user's login shell. Waits for a free channel where the server limits them. */
  open(command: string): Promise<Channel>
  /** Settles once, when the connection is gone: with nothing when it was closed here, else with why. Never rejects. */
  readonly closed: Promise<Error | undefined>
  /** Ends it in good order; settles when it is gone. */
  close(): Promise<void>
}
