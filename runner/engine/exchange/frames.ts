/** What one part of an exchange printed on one stream. */
export interface Frame {
  readonly label: string
  readonly data: Buffer
  /** More than the limit came; the rest was dropped. */
  readonly truncated: boolean
}

const newline = 10

/**
 * Cuts a stream into frames at lines `MARK label`, as it arrives. The mark is random for each exchange, so that nothing
 * a host prints can be taken for one; the newline before a mark belongs to it, so that output is kept exact.
 */
export class FrameParser {
  readonly #head: Buffer
  readonly #limit: number
  readonly #onData: (label: string, chunk: Buffer) => void
  readonly #onFrame: (label: string) => void
  readonly #frames: { label: string; chunks: Buffer[]; bytes: number; truncated: boolean }[] = []
  #rest: Buffer = Buffer.alloc(0)
  /** The newline that `rest` begins with was handed to `onData` already. */
  #told = false

  /**
   * `limit` is in bytes per frame. `onData` is for people: it sees everything as it arrives, also what is beyond the
   * limit, and whole lines at once, for which it may get a last newline that was the mark's. `onFrame` is told of each
   * frame that begins.
   */
  constructor(
    mark: string,
    limit: number,
    onData: (label: string, chunk: Buffer) => void = () => {},
    onFrame: (label: string) => void = () => {},
  ) {
    this.#head = Buffer.from(`\n${mark} `)
    this.#limit = limit
    this.#onData = onData
    this.#onFrame = onFrame
  }

  push(chunk: Uint8Array): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : Buffer.from(chunk)
    for (;;) {
      const start = rest.indexOf(this.#head)
      if (start < 0) {
        const held = this.#beginning(rest)
        this.#take(rest.subarray(0, rest.length - held))
        rest = rest.subarray(rest.length - held)
        if (held === 1) this.#tell(rest)
        break
      }
      this.#take(rest.subarray(0, start))
      const end = rest.indexOf(newline, start + this.#head.length)
      if (end < 0) {
        rest = rest.subarray(start)
        break
      }
      const label = rest.subarray(start + this.#head.length, end).toString()
      this.#told = false
      this.#frames.push({ label, chunks: [], bytes: 0, truncated: false })
      this.#onFrame(label)
      rest = rest.subarray(end + 1)
    }
    this.#rest = Buffer.from(rest)
  }

  /** All frames, once the stream has ended. */
  end(): readonly Frame[] {
    this.#take(this.#rest)
    this.#rest = Buffer.alloc(0)
    return this.#frames.map(({ label, chunks, truncated }) => ({ label, data: Buffer.concat(chunks), truncated }))
  }

  /** How many bytes at the end may be the beginning of a mark. */
  #beginning(data: Buffer): number {
    const last = data.lastIndexOf(newline)
    const tail = data.subarray(last < 0 ? data.length : last)
    return tail.equals(this.#head.subarray(0, tail.length)) ? tail.length : 0
  }

  #tell(data: Buffer): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined || this.#told) return
    this.#onData(frame.label, data)
    this.#told = true
  }

  #take(data: Buffer): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined || data.length === 0) return
    const untold = this.#told ? data.subarray(1) : data
    this.#told = false
    if (untold.length > 0) this.#onData(frame.label, untold)
    const room = this.#limit - frame.bytes
    if (data.length > room) frame.truncated = true
    if (room <= 0) return
    frame.chunks.push(Buffer.from(data.subarray(0, room)))
    frame.bytes += Math.min(room, data.length)
  }
}
