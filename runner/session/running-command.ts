import { randomBytes } from 'node:crypto'
import type { Frame } from './frame.ts'
import { KeptOutput } from './kept-output.ts'
import { encodeLine, isPlain } from './line-encoding.ts'
import type { SessionCommand, SessionResult } from './session.ts'

const defaultMaxOutputBytes = 8 << 20
/** From TERM to KILL. */
const killAfterMs = 2000
/** A kill is repeated until the command has ended: one may come before the shell is ready for it. */
const killAgainMs = 500

/** What a command needs of its session. */
export interface CommandHost {
  /** Writes lines to the dispatcher. */
  write(lines: Buffer): void
  started(command: RunningCommand): void
  ended(command: RunningCommand): void
  /** What ran it was killed on the host: how far it came nobody can tell, and what is left of it may still print. */
  gone(): void
}

/** One command from when it was asked for until its result is whole. */
export class RunningCommand {
  readonly result: Promise<SessionResult>
  readonly #command: SessionCommand
  readonly #host: CommandHost
  readonly #mark = randomBytes(16).toString('hex')
  readonly #stdout: KeptOutput
  readonly #stderr: KeptOutput
  readonly #abort = () => this.#kill()
  #resolve: (result: SessionResult) => void = () => {}
  #reject: (error: Error) => void = () => {}
  /** The wrapper's process, from when it can be killed. */
  #pid: string | undefined
  #wanted: 'TERM' | 'KILL' | undefined
  #framesLeft = 2
  #code = 0
  #timedOut = false
  #timers: NodeJS.Timeout[] = []

  constructor(command: SessionCommand, host: CommandHost) {
    this.#command = command
    this.#host = host
    this.#stdout = new KeptOutput(command.maxOutputBytes ?? defaultMaxOutputBytes)
    this.#stderr = new KeptOutput(command.maxOutputBytes ?? defaultMaxOutputBytes)
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    command.signal?.addEventListener('abort', this.#abort)
  }

  /** Aborted before it was sent: it is never run. */
  get dropped(): boolean {
    return this.#command.signal?.aborted === true
  }

  /** What asks the dispatcher to run it. */
  get request(): Buffer {
    const input = this.#command.stdin ?? new Uint8Array()
    const { script } = this.#command
    const lines = isPlain(script)
      ? [`P ${this.#mark} ${script.split('\n').length}`, script]
      : [`R ${this.#mark}`, encodeLine(script)]
    return Buffer.concat([...lines, encodeLine(input)].flatMap((line) => [Buffer.from(line), Buffer.from('\n')]))
  }

  /** Has the host say if what runs it is no longer there. */
  lookAfter(): void {
    if (this.#pid !== undefined) this.#host.write(Buffer.from(`W ${this.#pid} ${this.#mark}\n`))
  }

  readonly stdoutFrame = (): Frame => ({
    ...this.#frame('stdout', this.#stdout),
    start: Buffer.from(`S${this.#mark} `),
    started: (pid) => this.#started(pid),
    ended: (code) => {
      if (code === 'gone') return this.#host.gone()
      this.#code = Number.parseInt(code, 10)
      this.#frameEnded()
    },
  })

  readonly stderrFrame = (): Frame => this.#frame('stderr', this.#stderr)

  /** The session is gone. */
  fail(error: Error): void {
    this.#settle()
    this.#reject(error)
  }

  /** Gives the result of a command that was dropped. */
  drop(): void {
    this.#code = 128 + 15
    this.#finish()
  }

  #frame(stream: 'stdout' | 'stderr', kept: KeptOutput): Frame {
    return {
      start: undefined,
      end: Buffer.from(`\nE${this.#mark}`),
      started: () => {},
      output: (chunk) => kept.add(chunk),
      live: (chunk) => this.#command.onOutput?.(stream, chunk),
      ended: () => this.#frameEnded(),
    }
  }

  #started(pid: string): void {
    // What the host says goes back to it as part of a request: it may be nothing but a number.
    if (!/^\d+$/.test(pid)) return
    this.#pid = pid
    this.#host.started(this)
    if (this.#wanted !== undefined) this.#sendKill()
    const { timeoutMs } = this.#command
    if (timeoutMs === undefined || this.#framesLeft === 0) return
    this.#after(timeoutMs, () => {
      this.#timedOut = true
      this.#kill()
    })
  }

  /** TERM, later KILL. Sent only once the wrapper can pass it on. */
  #kill(): void {
    if (this.#wanted !== undefined) return
    this.#wanted = 'TERM'
    if (this.#pid !== undefined) this.#sendKill()
  }

  #sendKill(): void {
    const send = () => this.#host.write(Buffer.from(`K ${this.#wanted} ${this.#pid} ${this.#mark}\n`))
    send()
    this.#timers.push(setInterval(send, killAgainMs))
    this.#after(killAfterMs, () => {
      this.#wanted = 'KILL'
      send()
    })
  }

  #after(ms: number, then: () => void): void {
    // Longer delays would overflow to 1 ms.
    this.#timers.push(setTimeout(then, Math.min(ms, 2 ** 31 - 1)))
  }

  #frameEnded(): void {
    this.#framesLeft -= 1
    if (this.#framesLeft === 0) this.#finish()
  }

  #finish(): void {
    this.#settle()
    this.#resolve({
      code: this.#code,
      stdout: this.#stdout.bytes(),
      stderr: this.#stderr.bytes(),
      truncated: this.#stdout.truncated || this.#stderr.truncated,
      timedOut: this.#timedOut,
      aborted: this.#command.signal?.aborted === true,
    })
    this.#host.ended(this)
  }

  #settle(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    this.#command.signal?.removeEventListener('abort', this.#abort)
  }
}
