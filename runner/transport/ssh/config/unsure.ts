/** Thrown where only OpenSSH's own `ssh` can say what its configuration means: what it asks of programs or the network, what is newer than what is known here, what it may refuse. */
export class Unsure extends Error {
  /** Whether its answer stays the same for as long as the files do. */
  readonly lasting: boolean

  constructor(why: string, { lasting = true } = {}) {
    super(why)
    this.lasting = lasting
  }
}
