/** A small generator of pseudo-random numbers (mulberry32), so that a failing case can be made again from its seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0, below the limit. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }

  pick<T>(of: readonly T[]): T {
    const item = of[this.below(of.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
