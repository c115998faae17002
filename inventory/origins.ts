import type { Vars } from './graph.ts'
import type { Origin } from './inventory.ts'

type Test = (value: unknown) => boolean

/**
 * Where the values of a host come from: what is said of the host itself, over what all hosts of the same groups share.
 * With a map of their own, ten thousand hosts of thirty variables would take longer to build than to read.
 */
export class Origins {
  readonly own: Vars
  readonly shared: Vars

  constructor(own: Vars, shared: Vars) {
    this.own = own
    this.shared = shared
  }

  /** Where a variable's value was written; `undefined` for a variable that the host does not have. */
  get(name: string): Origin | undefined {
    return (this.own.get(name) ?? this.shared.get(name))?.origin
  }

  /** Each variable's name with its place. */
  *[Symbol.iterator](): IterableIterator<[name: string, origin: Origin]> {
    for (const [name, { origin }] of this.shared) if (!this.own.has(name)) yield [name, origin]
    for (const [name, { origin }] of this.own) yield [name, origin]
  }

  /** Names of the variables whose value, as it was read, passes a test; what hosts share is tested once. */
  namesWhere(test: Test): readonly string[] {
    const [shared, own] = [sharedNames(this.shared, test), namesIn(this.own, test)]
    return shared.length === 0 ? own : [...shared.filter((name) => !this.own.has(name)), ...own]
  }
}

const known = new WeakMap<Test, WeakMap<Vars, readonly string[]>>()

function sharedNames(vars: Vars, test: Test): readonly string[] {
  const ofTest = known.get(test) ?? new WeakMap<Vars, readonly string[]>()
  known.set(test, ofTest)
  const names = ofTest.get(vars) ?? namesIn(vars, test)
  ofTest.set(vars, names)
  return names
}

function namesIn(vars: Vars, test: Test): readonly string[] {
  let names: string[] | undefined
  for (const [name, { value }] of vars) if (test(value)) (names ??= []).push(name)
  return names ?? none
}

const none: readonly string[] = []
