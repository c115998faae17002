/** What comes back of one command on one stream, between the marks that the wrapper prints. */
export interface Frame {
  /** Precedes the frame: `S<mark> `, followed by the process id and a newline. The error stream has none. */
  readonly start: Buffer | undefined
  /** Ends it: newline, `E<mark>`; then, up to the next newline, what the wrapper adds (the exit code). */
  readonly end: Buffer
  started(added: string): void
  /** Output to keep. Exact: nothing of the frame is in it. */
  output(chunk: Buffer): void
  /**
   * Output to show at once. The same bytes, but that a newline that has waited 50 ms is shown before it is known
   * whether it belongs to the output.
   */
  live(chunk: Buffer): void
  ended(added: string): void
}

const newline = 0x0a

/** How long a final newline may be held back from `live`, in milliseconds. */
const flushMs = 50

/** How many bytes at the end of the text may be the beginning of the mark. */
function overlap(text: Buffer, mark: Buffer): number {
  for (let n = Math.min(text.length, mark.length - 1); n > 0; n--) {
    if (text.subarray(text.length - n).equals(mark.subarray(0, n))) return n
  }
  return 0
}

/** Splits one stream of a session into frames. What is outside frames (output of daemons) is noise. */
export class FrameReader {
  readonly #frames: Frame[] = []
  readonly #noise: (chunk: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)
  #inside = false
  #shown = 0
  #flush: NodeJS.Timeout | undefined

  constructor(noise: (chunk: Buffer) => void) {
    this.#noise = noise
  }

  /** Frames are read in the order in which they are expected. */
  expect(frame: Frame): void {
    this.#frames.push(frame)
  }

  push(chunk: Buffer): void {
    clearTimeout(this.#flush)
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    while (this.#rest.length > 0 && this.#step());
  }

  /** Forgets what is expected: the stream has ended. */
  stop(): void {
    clearTimeout(this.#flush)
    this.#frames.length = 0
  }

  /** Reads what is there; false when more has to come first. */
  #step(): boolean {
    const [frame] = this.#frames
    if (frame === undefined) {
      this.#noise(this.#take(this.#rest.length))
      return false
    }
    if (!this.#inside && frame.start !== undefined) {
      const added = this.#mark(frame.start, (noise) => this.#noise(noise))
      if (added === undefined) return false
      frame.started(added)
    }
    this.#inside = true
    const added = this.#mark(frame.end, (output) => this.#output(frame, output))
    if (added === undefined) {
      this.#showLater(frame)
      return false
    }
    this.#frames.shift()
    this.#inside = false
    this.#shown = 0
    frame.ended(added)
    return true
  }

  /** Looks for a mark with the rest of its line, hands over what precedes it, and gives what the line adds. */
  #mark(mark: Buffer, before: (chunk: Buffer) => void): string | undefined {
    const at = this.#rest.indexOf(mark)
    const end = at < 0 ? -1 : this.#rest.indexOf(newline, at + mark.length)
    const known = at < 0 ? this.#rest.length - overlap(this.#rest, mark) : at
    if (known > 0) before(this.#take(known))
    if (end < 0) return undefined
    return this.#take(end - known + 1)
      .subarray(mark.length, -1)
      .toString('latin1')
      .trim()
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }

  #output(frame: Frame, chunk: Buffer): void {
    frame.output(chunk)
    if (chunk.length > this.#shown) frame.live(chunk.subarray(this.#shown))
    this.#shown = Math.max(0, this.#shown - chunk.length)
  }

  #showLater(frame: Frame): void {
    if (this.#rest.length !== 1 || this.#shown > 0) return
    this.#flush = setTimeout(() => {
      this.#shown = 1
      frame.live(this.#rest.subarray(0, 1))
    }, flushMs)
    this.#flush.unref()
  }
}
