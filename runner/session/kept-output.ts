/** What is kept of one stream, up to a limit. */
export class KeptOutput {
  readonly #limit: number
  readonly #chunks: Buffer[] = []
  #length = 0
  /** More came than was kept. */
  truncated = false

  constructor(limit: number) {
    this.#limit = limit
  }

  add(chunk: Buffer): void {
    const kept = chunk.subarray(0, this.#limit - this.#length)
    if (kept.length < chunk.length) this.truncated = true
    if (kept.length === 0) return
    this.#chunks.push(kept)
    this.#length += kept.length
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
