/** Things to undo, last first, each of them whatever the others do. (Node 20 has no AsyncDisposableStack.) */
export class CleanUp implements AsyncDisposable {
  #steps: (() => Promise<unknown> | void)[] = []

  defer(step: () => Promise<unknown> | void): void {
    this.#steps.push(step)
  }

  use<T extends AsyncDisposable>(it: T): T {
    this.defer(async () => it[Symbol.asyncDispose]())
    return it
  }

  /** Hands the steps over: disposing of this one then does nothing. */
  move(): CleanUp {
    const other = new CleanUp()
    other.#steps = this.#steps
    this.#steps = []
    return other
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'clean-up failed')
  }
}
