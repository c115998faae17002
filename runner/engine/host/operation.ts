/**
 * The promise of an operation. It notices whether anybody waits for it: `await` of a subclass goes through `then`. An
 * operation that nobody waits for would run behind the playbook's back, and its failure would be lost.
 */
export class Operation<T> extends Promise<T> {
  #awaited = false

  /** Results of `then` are ordinary promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** Starts `act`; its rejection never becomes an unhandled one, since the body asks {@link awaited} at its end. */
  static start<T>(act: () => Promise<T>): Operation<T> {
    const operation = new Operation<T>((resolve, reject) => {
      act().then(resolve, reject)
    })
    void Promise.prototype.then.call(operation, undefined, () => {})
    return operation
  }

  get awaited(): boolean {
    return this.#awaited
  }

  // oxlint-disable-next-line unicorn/no-thenable -- noticing `then` is what this class is for
  override then<A = T, B = never>(
    resolved?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#awaited = true
    return super.then(resolved, rejected)
  }
}
