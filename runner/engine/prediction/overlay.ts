import type { Probe } from '../../model/probe.ts'
import { unknown, unknownReason } from '../../model/unknown.ts'

/**
 * What a host is predicted to be like, laid over what it is: check mode's memory of one host, and a list's guess of
 * where its earlier items lead.
 */
export class Overlay {
  readonly #facts = new Map<string, unknown>()
  /** Why something that is absent now may be there later: a package or a command whose effects nobody can list. */
  #opaque: string | undefined
  /** What was predicted to be gone at some time: what lay below it is gone for good, even where it is made again. */
  readonly #removed = new Set<string>()
  readonly #called = new Map<string, Set<'restart' | 'reload'>>()
  /** The latest predicted change, for questions that depend on nobody knows what. */
  #latest: string | undefined

  /** What the fact will be; `path:/x/*` stands for all below. `by` names the change, for reasons. */
  lay(fact: string, value: unknown, by: string): void {
    if (fact.endsWith('/*')) this.#forget(fact.slice(0, -1))
    else if (isAbsent(value)) {
      this.#forget(`${fact}/`)
      this.#removed.add(fact)
    }
    this.#facts.set(fact, value)
    if (fact.startsWith('unit:')) this.#called.delete(fact.slice('unit:'.length))
    this.#latest = by
  }

  /** What was predicted below a path counts no more: something else is there. */
  #forget(prefix: string): void {
    for (const fact of this.#facts.keys()) if (fact.startsWith(prefix)) this.#facts.delete(fact)
    for (const fact of this.#removed) if (`${fact}/`.startsWith(prefix)) this.#removed.delete(fact)
  }

  /** From here on, what is absent may be there: `by` has effects that can't be listed. */
  cloud(by: string): void {
    this.#opaque = by
    this.#latest = by
  }

  /** A unit that a predicted change has restarted or reloaded: its fact says so from here on, until a `service` did it. */
  callFor(unit: string, action: 'restart' | 'reload' | 'daemon-reload'): void {
    if (action === 'daemon-reload') return
    const called = this.#called.get(unit) ?? new Set()
    this.#called.set(unit, called.add(action))
  }

  /** Whether what was called for is still to be done, since no `service` is predicted to have done it. */
  stillCalls(unit: string, action: 'restart' | 'reload' | 'daemon-reload'): boolean {
    return action === 'daemon-reload' || this.#called.get(unit)?.has(action) === true
  }

  /** Why something absent may be there by now. */
  get opaque(): string | undefined {
    return this.#opaque
  }

  /** Why an answer of the host's own can't be trusted any more, unless its facts are named. */
  get latest(): string | undefined {
    return this.#latest
  }

  /** Whether the answer to a probe no longer comes from the host alone. */
  covers(probe: Probe<unknown>): boolean {
    return (
      this.#opaque !== undefined ||
      this.#predicted(probe.fact) !== undefined ||
      this.touched(probe.touches ?? []) !== undefined
    )
  }

  /** Why one of these facts is no longer what the host says; `*` stands for every fact, `path:/x/*` for all below. */
  touched(facts: readonly string[]): string | undefined {
    if (facts.includes('*')) return this.#latest
    return facts.find((fact) => (fact.endsWith('/*') ? this.#below(fact) : this.#predicted(fact) !== undefined))
  }

  #below(pattern: string): boolean {
    for (const fact of this.#facts.keys()) if (fact.startsWith(pattern.slice(0, -1))) return true
    return false
  }

  /** The answer to a probe: as predicted, unknown, or what the host said. */
  answer<T>(probe: Probe<T>, asked: () => T): T {
    const value = this.#answer(probe, asked)
    const called = probe.fact.startsWith('unit:') ? this.#called.get(probe.fact.slice('unit:'.length)) : undefined
    return called === undefined || unknownReason(value) !== undefined ? value : withDue(value, called)
  }

  #answer<T>(probe: Probe<T>, asked: () => T): T {
    const predicted = this.#predicted(probe.fact)
    if (predicted !== undefined) {
      const value = predicted.value as T
      if (unknownReason(value) !== undefined) return value
      return probe.answeredBy?.(value) === false ? unknown(`${probe.fact} after the changes before it`) : value
    }
    const touched = this.touched(probe.touches ?? [])
    if (touched !== undefined) return unknown(touched)
    const value = asked()
    return this.#opaque !== undefined && probe.absent?.(value) === true ? unknown(this.#opaque) : value
  }

  #predicted(fact: string): { readonly value: unknown } | undefined {
    if (this.#facts.has(fact)) return { value: this.#facts.get(fact) }
    if (!fact.startsWith('path:/')) return undefined
    for (let end = fact.lastIndexOf('/'); end > 'path:'.length; end = fact.lastIndexOf('/', end - 1)) {
      const above = fact.slice(0, end)
      if (this.#facts.has(`${above}/*`)) return { value: this.#facts.get(`${above}/*`) }
      if (this.#removed.has(above)) return { value: { kind: 'absent' } }
    }
    return undefined
  }
}

const isAbsent = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  unknownReason(value) === undefined &&
  (value as { kind?: unknown }).kind === 'absent'

/** A unit's fact, with what was called for. */
function withDue<T>(unit: T, called: ReadonlySet<'restart' | 'reload'>): T {
  if (typeof unit !== 'object' || unit === null || !('due' in unit)) return unit
  return {
    ...unit,
    due: { ...(unit.due as object), ...Object.fromEntries([...called].map((action) => [action, true])) },
  }
}
