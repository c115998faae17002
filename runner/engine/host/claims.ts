import type { Bound } from '../../model/resource.ts'
import { guardedState } from '../prediction/guarded-state.ts'
import { nameOf, probesOf } from './resource-state.ts'
import type { Item } from './segment.ts'

interface Claim {
  readonly resource: Bound
  readonly state: Readonly<Record<string, unknown>>
  readonly play: string
}

/** What one run has made one host be: so that a later resource that undoes an earlier one is told. */
export class Claims {
  readonly #byFact = new Map<string, Map<string, Claim>>()

  /** The host is as this resource asks, with this state. */
  keep({ resource, probes }: Item, state: object, play: string): void {
    const claim = { resource, state: state as Readonly<Record<string, unknown>>, play }
    for (const { fact } of Object.values(probes)) {
      const claims = this.#byFact.get(fact) ?? new Map<string, Claim>()
      this.#byFact.set(fact, claims.set(nameOf(resource), claim))
    }
  }

  /**
   * The earlier resources that would change the host again, now that a change has led to this state. What it was foreseen to
   * lead to is taken where the host was not asked for as much again (a file's content, say).
   */
  brokenBy({ probes }: Item, state: object, foreseen: object): readonly Claim[] {
    const now = new Map(
      Object.entries(probes).map(([name, { fact }]) => {
        const values: readonly unknown[] = [Reflect.get(state, name), Reflect.get(foreseen, name)]
        return [fact, values] as const
      }),
    )
    const candidates = new Set([...now.keys()].flatMap((fact) => [...(this.#byFact.get(fact)?.values() ?? [])]))
    return [...candidates].filter((claim) => isBroken(claim, now))
  }
}

function isBroken({ resource, state }: Claim, now: ReadonlyMap<string, readonly unknown[]>): boolean {
  const later: Record<string, unknown> = { ...state }
  try {
    for (const [name, probe] of Object.entries(probesOf(resource))) {
      const values = now.get(probe.fact)
      if (values === undefined) continue
      const value = values.find((it) => probe.answeredBy?.(it) !== false)
      if (value === undefined) return false
      later[name] = value
    }
    return resource.definition.diff(resource.options, guardedState(later)).length > 0
  } catch {
    // It rests on what is not known, or would be an error: nothing that can be said for certain.
    return false
  }
}
