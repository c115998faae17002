import { TsplayError } from './errors.ts'
import { certain } from './unknown.ts'

export interface AssertOptions {
  /** What the user can do about it. */
  readonly hint?: string
}

/**
 * Ends the host's body with a message unless something holds, and lets TypeScript know that it does. A plain function: it
 * asks nothing of a host, so it is neither a resource nor a task. In check mode a condition that is an unknown ends the
 * prediction with its reason; it is no failure.
 *
 * @throws TsplayError ASSERTION with the message.
 * @example
 * const memoryMb = (await host.facts).memoryMb
 * assert(memoryMb >= 2048, `${host.name} has ${memoryMb} MiB of memory, and 2048 are needed`)
 */
export function assert(condition: boolean, message: string, options: AssertOptions = {}): asserts condition {
  if (!certain(condition)) throw new TsplayError('ASSERTION', message, options)
}
