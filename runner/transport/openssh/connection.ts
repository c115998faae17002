import { spawn, execFile, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import pLimit from 'p-limit'
import { ConnectError, TsplayError } from '../../model/errors.ts'
import { quote } from '../../model/quote.ts'
import type { Channel, Connection } from '../connection.ts'
import { childStream } from '../ssh/stream/child-stream.ts'
import { openProgram } from './channel.ts'
import { channelArguments, checkArguments, forwardArguments, type Channels } from './command-line.ts'

/** How many channels may be about to open at once; as with ssh2. */
const openingAtOnce = 4

/** Waits between tries when the server has no channel free (MaxSessions), in milliseconds: about 3 s in all. */
const backOff = [50, 100, 200, 400, 800, 1500]

export interface OpenSshConnectionOptions extends Channels {
  readonly description: string
  readonly user: string
  /** What was negotiated, for people. */
  readonly algorithms: string
  /** The process that holds the connection; undefined for one of the user's own, which is left as it is. */
  readonly master: ChildProcess | undefined
  /** What it said last. */
  readonly lastWords: () => string
}

/** A connection that an `ssh` process holds; each program on the host is one more process here. */
export class OpenSshConnection implements Connection {
  readonly description: string
  readonly user: string
  /** What was negotiated, for people: key exchange, host key, cipher. */
  readonly algorithms: string
  readonly closed: Promise<Error | undefined>
  readonly #options: OpenSshConnectionOptions
  readonly #opening = pLimit(openingAtOnce)
  readonly #channels = new Set<Channel>()
  #closing = false
  #gone = false
  #settle: (reason: Error | undefined) => void = () => {}

  constructor(options: OpenSshConnectionOptions) {
    this.#options = options
    this.description = options.description
    this.user = options.user
    this.algorithms = options.algorithms
    this.closed = new Promise((done) => {
      this.#settle = done
    })
    options.master?.once('close', () => this.#end())
    if (options.master !== undefined && options.master.exitCode !== null) this.#end()
  }

  /** A connection of the user's own that lives at a ControlPath; undefined where none does. */
  static async existing(
    options: Omit<OpenSshConnectionOptions, 'master' | 'lastWords' | 'algorithms'>,
  ): Promise<OpenSshConnection | undefined> {
    if (!(await isAlive(options.socket))) return undefined
    return new OpenSshConnection({
      ...options,
      master: undefined,
      algorithms: 'those of the connection that was there',
      lastWords: () => '',
    })
  }

  /** Throws TsplayError `LOST` when the connection is or goes away, `CONNECT` when the server has no channel to give. */
  open(command: string): Promise<Channel> {
    return this.#opening(async () => {
      for (const pause of [...backOff, undefined]) {
        if (this.#gone) throw this.#lost()
        const channel = await openProgram(channelArguments(this.#options, command), {
          isLost: () => this.#isLost(),
        })
        if (channel !== 'refused') {
          this.#channels.add(channel)
          void channel.closed.then(() => this.#channels.delete(channel))
          return channel
        }
        if (await this.#isLost()) throw this.#lost()
        if (pause !== undefined) await sleep(pause * (1 + Math.random() / 4))
      }
      throw new TsplayError('CONNECT', `${this.description}: the server refuses another session`, {
        hint: 'Raise MaxSessions in the sshd_config of the host, or end other sessions of this connection.',
      })
    })
  }

  /** A TCP connection from the host. Where it can't be made, the stream ends with the reason. */
  forward(host: string, port: number): Promise<Duplex> {
    const target = `[${host}]:${port}`
    const child = spawn('ssh', forwardArguments(this.#options.socket, target), { stdio: 'pipe', detached: true })
    const where = `${host}:${port} through ${this.description}`
    return childStream(child, (_code, said) => new ConnectError('tcp', `${where}: ${said || 'refused'}`))
  }

  /** The same for an ssh process: what it is to run in place of connecting. */
  get proxyCommand(): string {
    return ['ssh', ...forwardArguments(this.#options.socket, '[%h]:%p')].map(quote).join(' ')
  }

  async close(): Promise<void> {
    if (this.#gone) return
    this.#closing = true
    const { master } = this.#options
    const open = [...this.#channels]
    if (master === undefined) {
      for (const channel of open) channel.close()
      await Promise.all(open.map((channel) => channel.closed))
      this.#end()
      return
    }
    master.kill('SIGTERM')
    const late = setTimeout(() => master.kill('SIGKILL'), 1000)
    await this.closed
    clearTimeout(late)
    for (const channel of open) channel.close()
    await Promise.all(open.map((channel) => channel.closed))
  }

  /** Whether a channel that ended without a word took the connection along. */
  async #isLost(): Promise<boolean> {
    if (this.#gone || this.#closing) return true
    const alive = await isAlive(this.#options.socket)
    if (!alive) this.#end()
    return !alive
  }

  #end(): void {
    if (this.#gone) return
    this.#gone = true
    this.#settle(this.#closing ? undefined : this.#lost())
  }

  #lost(): TsplayError {
    const words = this.#options.lastWords()
    return new TsplayError('LOST', `connection to ${this.description} lost${words === '' ? '' : `: ${words}`}`)
  }
}

const isAlive = (socket: string) =>
  new Promise<boolean>((done) => {
    execFile('ssh', checkArguments(socket), { timeout: 5000 }, (error) => done(error === null))
  })
