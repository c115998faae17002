import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Client, ClientChannel } from 'ssh2'
import { TsplayError } from '../../model/errors.ts'
import type { Channel, Connection } from '../connection.ts'
import { wrapChannel } from './channel.ts'

/** How many channels may be about to open at once: sshd frees the slot of a closed one late, so ten are worth five. */
const openingAtOnce = 4

/** Waits between tries when the server has no channel free (MaxSessions), in milliseconds: about 3 s in all. */
const backOff = [50, 100, 200, 400, 800, 1500]

/** How long the server has to end the connection after it was asked to. */
const farewellMs = 1000

export interface SshConnectionOptions {
  readonly client: Client
  /** What carries it. */
  readonly stream: Duplex
  readonly description: string
  readonly user: string
  /** `NAME=value`: offered to the server for every program. */
  readonly environment: readonly string[]
  /** What was negotiated, for people. */
  readonly algorithms: string
  /** The last error that the client emitted; shared with the handshake, which listened first. */
  readonly lastError: () => Error | undefined
}

/** A connection through ssh2 that is past authentication. */
export class SshConnection implements Connection {
  readonly description: string
  readonly user: string
  /** What was negotiated, for people: key exchange, host key, cipher. */
  readonly algorithms: string
  readonly client: Client
  readonly closed: Promise<Error | undefined>
  readonly #stream: Duplex
  readonly #environment: Readonly<Record<string, string>>
  readonly #opening = pLimit(openingAtOnce)
  #closing = false
  #gone = false

  constructor({ client, stream, description, user, environment, algorithms, lastError }: SshConnectionOptions) {
    this.client = client
    this.#stream = stream
    this.description = description
    this.user = user
    this.#environment = Object.fromEntries(environment.map(nameAndValue))
    this.algorithms = algorithms
    this.closed = new Promise((done) => {
      client.once('close', () => {
        this.#gone = true
        done(this.#closing ? undefined : this.#lost(lastError()))
      })
    })
  }

  /** Throws TsplayError `LOST` when the connection is or goes away, `CONNECT` when the server has no channel to give. */
  open(command: string): Promise<Channel> {
    return this.#opening(async () => wrapChannel(await this.#openPatiently(command)))
  }

  async #openPatiently(command: string): Promise<ClientChannel> {
    for (const pause of [...backOff, undefined]) {
      try {
        return await this.#exec(command)
      } catch (error) {
        if (this.#gone) throw this.#lost(error)
        if (!isRefusal(error)) throw error
        if (pause === undefined) throw this.#noChannel(error)
        await sleep(pause * (1 + Math.random() / 4))
      }
    }
    throw this.#noChannel(undefined)
  }

  #exec(command: string): Promise<ClientChannel> {
    return new Promise((done, fail) => {
      if (this.#gone) throw this.#lost(undefined)
      // Throws "Not connected" at once when the socket is already down.
      this.client.exec(command, { env: this.#environment }, (error, channel) =>
        error === undefined ? done(channel) : fail(error),
      )
    })
  }

  #lost(cause: unknown): TsplayError {
    const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
    return new TsplayError('LOST', `connection to ${this.description} lost${why}`, { cause })
  }

  #noChannel(cause: unknown): TsplayError {
    return new TsplayError('CONNECT', `${this.description}: the server refuses another session`, {
      cause,
      hint: 'Raise MaxSessions in the sshd_config of the host, or end other sessions of this connection.',
    })
  }

  async close(): Promise<void> {
    if (this.#gone) return
    this.#closing = true
    this.client.end()
    // A frozen peer never answers; the connection is over for us all the same. (The client's own `destroy` does nothing
    // after `end`.)
    const timer = setTimeout(() => this.#stream.destroy(), farewellMs)
    await this.closed
    clearTimeout(timer)
  }
}

const nameAndValue = (text: string): [string, string] => {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

/** SSH_OPEN_CONNECT_FAILED: what sshd says above MaxSessions. */
const isRefusal = (error: unknown): boolean => error instanceof Error && 'reason' in error && error.reason === 2
