import type { Channel, ChannelExit } from '../transport/connection.ts'

/** Why a greeting ended without what was waited for. */
export class GreetingEnd extends Error {
  /** How the channel ended; `undefined` when the time ran out. */
  readonly exit: ChannelExit | undefined
  constructor(exit: ChannelExit | undefined) {
    super('the greeting ended')
    this.exit = exit
  }
}

/** What a fresh channel says on both streams before the program on it is in charge: banners, questions, noise of rc files. */
export class Greeting {
  readonly channel: Channel
  stdout: Buffer = Buffer.alloc(0)
  stderr: Buffer = Buffer.alloc(0)
  #look: () => void = () => {}
  #exit: ChannelExit | undefined
  readonly #onOut = (chunk: Buffer) => {
    this.stdout = Buffer.concat([this.stdout, chunk])
    this.#look()
  }
  readonly #onErr = (chunk: Buffer) => {
    this.stderr = Buffer.concat([this.stderr, chunk])
    this.#look()
  }

  constructor(channel: Channel) {
    this.channel = channel
    channel.stdout.on('data', this.#onOut)
    channel.stderr.on('data', this.#onErr)
    // A program that ends early makes writes fail; how it ended is told by `closed`.
    channel.stdin.on('error', () => {})
    void channel.closed.then((exit) => {
      this.#exit = exit
      this.#look()
    })
  }

  /** Everything said, for people. */
  get text(): string {
    return [this.stdout, this.stderr]
      .map((part) => part.toString().trim())
      .join('\n')
      .trim()
  }

  /** Waits until `find` finds something. Rejects with GreetingEnd when the channel closes, or after `limitMs`. */
  until<T>(find: () => T | undefined, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer)
        this.#look = () => {}
        act()
      }
      const timer = setTimeout(() => settle(() => reject(new GreetingEnd(undefined))), limitMs)
      this.#look = () => {
        const found = find()
        if (found !== undefined) settle(() => resolve(found))
        else if (this.#exit !== undefined) settle(() => reject(new GreetingEnd(this.#exit)))
      }
      this.#look()
    })
  }

  /** Lets the streams go, paused, to whoever reads on. What came beyond the greeting is in `stdout` and `stderr`. */
  release(): void {
    this.channel.stdout.pause().off('data', this.#onOut)
    this.channel.stderr.pause().off('data', this.#onErr)
  }
}
