import type { Channel, Connection } from '../transport/connection.ts'
import { TsplayError } from '../model/errors.ts'
import type { TreeAction } from '../model/step.ts'
import type { DataProgram } from './data-program.ts'
import { download } from './download.ts'
import { FrameReader } from './frame.ts'
import { RunningCommand, type CommandHost } from './running-command.ts'
import type { Session, SessionCommand, SessionResult } from './session.ts'
import { uploadTree } from './tree-upload.ts'
import { upload } from './upload.ts'

/** A command that was sent shows its first sign of life within this, or the session is given up. */
const startLimitMs = 60_000
/** What the dispatcher needs to end itself, from when its input ended. */
const closeLimitMs = 5000
/** Commands that travel together: so many that a round trip hardly counts, and not so many that a shell's memory does. */
const batchCount = 64
const batchBytes = 1 << 20
/** How much of what is no command's output is kept, in characters. */
const noiseLimit = 64 << 10

/** What openSession found when the shell said that it is ready. */
export interface ReadyShell {
  readonly connection: Connection
  readonly channel: Channel
  readonly user: string
  readonly uid: number
  readonly shellPid: number
  readonly noise: string
  readonly pending: readonly string[]
  readonly leaseSeconds: number
  /** What starts a shell text as the session's user on a channel of its own. */
  readonly asUser: DataProgram
}

export class ShellSession implements Session, CommandHost {
  readonly user: string
  readonly uid: number
  readonly shellPid: number
  readonly pending: readonly string[]
  readonly closed: Promise<Error | undefined>
  readonly #shell: ReadyShell
  readonly #out = new FrameReader((chunk) => this.#addNoise(chunk))
  readonly #err = new FrameReader((chunk) => this.#addNoise(chunk))
  readonly #waiting: RunningCommand[] = []
  readonly #sent = new Set<RunningCommand>()
  /** What was sent last, where it was one command. */
  #alone: RunningCommand | undefined
  #noise: string
  #roundTrips = 0
  #pumping = false
  #closing = false
  #gone: Error | undefined
  #startTimer: NodeJS.Timeout | undefined
  #taken: NodeJS.Immediate | undefined
  #leaseTimer: NodeJS.Timeout

  constructor(shell: ReadyShell) {
    this.#shell = shell
    this.user = shell.user
    this.uid = shell.uid
    this.shellPid = shell.shellPid
    this.pending = shell.pending
    this.#noise = shell.noise
    shell.channel.stdout.on('data', (chunk: Buffer) => this.#out.push(chunk)).resume()
    shell.channel.stderr.on('data', (chunk: Buffer) => this.#err.push(chunk)).resume()
    this.#renewLease()
    this.#leaseTimer = setInterval(() => this.#renewLease(), (shell.leaseSeconds * 1000) / 3)
    this.closed = this.#watch()
  }

  get noise(): string {
    return this.#noise
  }

  get roundTrips(): number {
    return this.#roundTrips
  }

  run(command: SessionCommand): Promise<SessionResult> {
    const wrong = tooLarge(command)
    if (wrong !== undefined) return Promise.reject(wrong)
    if (this.#gone !== undefined || this.#closing) return Promise.reject(this.#lost())
    const running = new RunningCommand(command, this)
    this.#waiting.push(running)
    this.#pump()
    return running.result
  }

  upload(target: string, content: Uint8Array | { readonly localPath: string }): Promise<string> {
    this.#roundTrips += 1
    return upload(this.#shell.asUser, this.#shell.connection.description, target, content)
  }

  uploadTree(target: string, rootMode: string, actions: readonly TreeAction[]): Promise<string> {
    this.#roundTrips += 1
    return uploadTree(this.#shell.asUser, this.#shell.connection.description, { target, rootMode, actions })
  }

  download(source: string, localPath: string): Promise<void> {
    this.#roundTrips += 1
    return download(this.#shell.asUser, this.#shell.connection.description, source, localPath)
  }

  keeps(keeperPid: number): void {
    this.write(Buffer.from(`O ${keeperPid}\n`))
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#sayTaken()
      this.#closing = true
      this.#shell.channel.stdin.end()
      const late = setTimeout(() => this.#shell.channel.close(), closeLimitMs)
      void this.closed.then(() => clearTimeout(late))
    }
    await this.closed
  }

  write(lines: Buffer): void {
    if (this.#gone === undefined && !this.#closing) this.#shell.channel.stdin.write(lines)
  }

  started(): void {
    clearTimeout(this.#startTimer)
  }

  ended(command: RunningCommand): void {
    if (!this.#sent.delete(command)) return
    if (this.#sent.size > 0) {
      this.#expectStart()
      return
    }
    this.#takenLater()
    this.#pump()
  }

  gone(): void {
    const where = this.#shell.connection.description
    this.#end(
      new TsplayError('COMMAND', `${where}: the shell that ran a command was killed on the host`, {
        hint: 'Whether the command did all it was to do is not known; running again finds out.',
      }),
    )
    this.#shell.channel.close()
  }

  /** Says that all results were taken, unless a next batch, which says as much, is sent in this turn already. */
  #takenLater(): void {
    this.#taken = setImmediate(() => this.#sayTaken())
  }

  #sayTaken(): void {
    if (this.#taken === undefined) return
    clearImmediate(this.#taken)
    this.#taken = undefined
    this.write(Buffer.from('D\n'))
  }

  /** Sends what waits once nothing runs; not before the caller's own turn is over, so that what it asks next travels along. */
  #pump(): void {
    if (this.#pumping || this.#sent.size > 0) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      this.#sendBatch()
    })
  }

  #sendBatch(): void {
    const requests: Buffer[] = []
    let bytes = 0
    while (this.#waiting.length > 0 && requests.length < batchCount && bytes < batchBytes) {
      const command = this.#waiting.shift() as RunningCommand
      if (command.dropped) {
        command.drop()
        continue
      }
      this.#sent.add(command)
      this.#out.expect(command.stdoutFrame())
      this.#err.expect(command.stderrFrame())
      requests.push(command.request)
      bytes += requests.at(-1)?.length ?? 0
    }
    if (requests.length === 0) return
    const [only, ...others] = this.#sent
    this.#alone = others.length === 0 ? only : undefined
    clearImmediate(this.#taken)
    this.#taken = undefined
    this.#roundTrips += 1
    this.write(Buffer.concat([...requests, Buffer.from('G\n')]))
    this.#expectStart()
  }

  #expectStart(): void {
    clearTimeout(this.#startTimer)
    this.#startTimer = setTimeout(() => {
      this.#end(new TsplayError('LOST', `${this.#shell.connection.description}: the shell has not answered for 60 s`))
      this.#shell.channel.close()
    }, startLimitMs)
  }

  #renewLease(): void {
    this.write(Buffer.from(`L ${this.#shell.leaseSeconds}\n`))
    // What runs several looks after each itself, and a word between them would be taken for output.
    if (this.#alone !== undefined && this.#sent.has(this.#alone)) this.#alone.lookAfter()
  }

  #addNoise(chunk: Buffer): void {
    if (this.#noise.length < noiseLimit) this.#noise += chunk.toString().slice(0, noiseLimit - this.#noise.length)
  }

  #lost(): TsplayError {
    const where = this.#shell.connection.description
    if (this.#closing) return new TsplayError('LOST', `${where}: the session was closed while commands ran`)
    if (this.#gone instanceof TsplayError && this.#gone.code === 'COMMAND') return this.#gone
    return new TsplayError('LOST', `${where}: the connection was lost while a command ran`, {
      cause: this.#gone,
      hint: 'run it again: what had begun is verified, and what must not be cut is waited for',
    })
  }

  async #watch(): Promise<Error | undefined> {
    const { channel, connection } = this.#shell
    const reason = connection.closed.then((error) => error ?? new Error('the connection was closed'))
    const exit = await Promise.race([channel.closed, reason])
    if (exit instanceof Error) this.#end(exit)
    else if (exit.code === 75) this.#end(new Error('the host had no sign of life from here and ended the session'))
    else this.#end(new Error(`the shell ended (${exit.signal ?? exit.code ?? 'without a word'})`))
    return this.#closing ? undefined : this.#lost()
  }

  #end(reason: Error): void {
    this.#gone ??= reason
    clearTimeout(this.#startTimer)
    clearImmediate(this.#taken)
    clearInterval(this.#leaseTimer)
    this.#out.stop()
    this.#err.stop()
    const unfinished = [...this.#sent, ...this.#waiting.splice(0)]
    this.#sent.clear()
    for (const command of unfinished) command.fail(this.#lost())
  }
}

function tooLarge(command: SessionCommand): TsplayError | undefined {
  if (Buffer.byteLength(command.script) > 96 << 10) {
    return new TsplayError('OPTIONS', 'a script of more than 96 KiB can not be run: upload it as a file')
  }
  if ((command.stdin?.length ?? 0) > 64 << 10) {
    return new TsplayError('OPTIONS', 'more than 64 KiB of input can not be given to a command: upload it as a file')
  }
  return undefined
}
