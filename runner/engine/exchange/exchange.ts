import { randomBytes } from 'node:crypto'
import { TsplayError } from '../../model/errors.ts'
import { certain } from '../../model/unknown.ts'
import type { Session } from '../../session/session.ts'
import type { LockGuard } from '../lock/host-lock.ts'
import { type Frame, FrameParser } from './frames.ts'

/** One part of an exchange: shell text that prints, under a label of its own. */
export interface Part {
  readonly label: string
  /** Runs in the exchange's own shell: `exit` ends the whole exchange. Calls `mark LABEL` to begin a further frame. */
  readonly script: string
}

export interface ExchangeOptions {
  /** Shell functions that the parts call. */
  readonly libraries?: ReadonlySet<string>
  readonly stdin?: Uint8Array
  /** Limit of the whole, in milliseconds. */
  readonly timeoutMs: number
  /** Limit of one frame beside it, from when it began; the whole is killed after it. @default none */
  readonly limitOf?: (label: string) => number | undefined
  /** Goes ahead of a change: see HostLock. */
  readonly lock?: LockGuard | undefined
  readonly signal?: AbortSignal
  /** Whether what the parts print on standard error is wanted; `stderr()` is empty otherwise. @default true */
  readonly errors?: boolean
  /** Output of the parts as it arrives. */
  readonly onOutput?: (label: string, stream: 'stdout' | 'stderr', chunk: Buffer) => void
}

/** What came back, by label. */
export interface Answers {
  stdout(label: string): Buffer
  stderr(label: string): Buffer
  has(label: string): boolean
  /** Whether the part came to its end: one that was cut off may have printed half of what it has to say, or nothing. */
  whole(label: string): boolean
  /** Whether more came than is kept. */
  truncated(label: string): boolean
  readonly labels: readonly string[]
  readonly timedOut: boolean
  readonly aborted: boolean
}

/** How much of one part's output is kept. */
const keptBytes = 8 << 20

/** Where the host's lock is taken or asked after. */
const lockLabel = 'lock'

/** A mark on both streams, or, where nobody asks for the parts' errors, on one: each print is a packet. */
const prelude = (mark: string, errors: boolean) =>
  `mark() { printf '\\n${mark} %s\\n' "$1"${errors ? `; printf '\\n${mark} %s\\n' "$1" >&2` : ''}; }\n`

/** Sends many parts to a host as one command, and sorts what they print: one round trip, whatever is in it. */
export async function exchange(session: Session, parts: readonly Part[], options: ExchangeOptions): Promise<Answers> {
  const mark = randomBytes(16).toString('hex')
  using limit = new FrameLimit(options.limitOf)
  const onOutput = (label: string, chunk: Buffer) => {
    if (label === lockLabel) options.lock?.heard(chunk.toString())
    else options.onOutput?.(label, 'stdout', chunk)
  }
  const parsers = {
    stdout: new FrameParser(mark, keptBytes, onOutput, (label) => limit.begin(label)),
    stderr: new FrameParser(mark, keptBytes, (label, chunk) => options.onOutput?.(label, 'stderr', chunk)),
  }
  const { lock } = options
  const texts = [...(options.libraries ?? []), ...(lock?.library === undefined ? [] : [lock.library])]
  const libraries = texts.map((text) => `${text}\n`).join('')
  const all = lock === undefined ? parts : [{ label: lockLabel, script: lock.script }, ...parts]
  const script =
    prelude(mark, options.errors ?? true) +
    libraries +
    all.map((part) => `mark ${part.label}\n${part.script}`).join('\n') +
    '\nmark end'
  // What is not known yet ends a prediction; it never becomes text that a host runs.
  const result = await session.run({
    script: certain(script),
    timeoutMs: options.timeoutMs + (lock?.waitMs ?? 0),
    maxOutputBytes: 64 << 10,
    onOutput: (stream, chunk) => parsers[stream].push(chunk),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    signal: options.signal === undefined ? limit.signal : AbortSignal.any([options.signal, limit.signal]),
  })
  const stdout = parsers.stdout.end()
  const stderr = parsers.stderr.end()
  if (stdout.length === 0 && !result.timedOut && !result.aborted) {
    // Not even the first mark: the shell refused the text as a whole.
    throw new TsplayError(
      'INTERNAL',
      `the host's shell did not understand what it was sent: ${result.stderr.toString().trim()}`,
    )
  }
  const find = (frames: readonly Frame[], label: string) =>
    frames.find((frame) => frame.label === label)?.data ?? Buffer.alloc(0)
  lock?.settle(find(stdout, lockLabel).toString())
  return {
    stdout: (label) => find(stdout, label),
    stderr: (label) => find(stderr, label),
    has: (label) => stdout.some((frame) => frame.label === label),
    whole(label) {
      const at = stdout.findIndex((frame) => frame.label === label)
      return at >= 0 && at < stdout.length - 1
    },
    truncated: (label) =>
      [stdout, stderr].some((frames) => frames.find((it) => it.label === label)?.truncated === true),
    labels: stdout.map((frame) => frame.label),
    timedOut: result.timedOut || limit.signal.aborted,
    aborted: result.aborted && !limit.signal.aborted,
  }
}

/** Ends an exchange when one of its frames takes longer than it may. */
class FrameLimit implements Disposable {
  readonly #late = new AbortController()
  readonly #limitOf: (label: string) => number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(limitOf: (label: string) => number | undefined = () => undefined) {
    this.#limitOf = limitOf
  }

  get signal(): AbortSignal {
    return this.#late.signal
  }

  begin(label: string): void {
    clearTimeout(this.#timer)
    const limitMs = this.#limitOf(label)
    // Longer delays would overflow to 1 ms.
    if (limitMs !== undefined) this.#timer = setTimeout(() => this.#late.abort(), Math.min(limitMs, 2 ** 31 - 1))
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
