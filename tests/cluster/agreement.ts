import type { Event } from '../../runner/engine/events.ts'

/** How a plan compares with the run that followed it. */
export interface Agreement {
  /** Predicted as certain, and not made. */
  readonly notMade: readonly string[]
  /** Made, and neither predicted as certain nor as `may`. */
  readonly unforeseen: readonly string[]
  readonly certain: number
  readonly may: number
}

/** `cp1 file /etc/motd content`, by the resource; a `may` without fields stands for all of them. */
function keysOf(events: readonly Event[], status: 'changed' | 'may'): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) => {
      if (event.type !== 'operation-finished' || event.status !== status) return []
      const thing = `${event.host} ${event.kind} ${event.id}`
      const fields = event.changes.map(({ field }) => `${thing} ${field}`)
      return status === 'may' ? [...fields, thing] : fields
    }),
  )
}

/** Compares host by host, resource by resource, field by field. */
export function agreement(plan: readonly Event[], run: readonly Event[]): Agreement {
  const certain = keysOf(plan, 'changed')
  const may = keysOf(plan, 'may')
  const made = keysOf(run, 'changed')
  const covered = (key: string) => may.has(key) || may.has(key.slice(0, key.lastIndexOf(' ')))
  const operations = (status: string) =>
    plan.filter((event) => event.type === 'operation-finished' && event.status === status).length
  return {
    notMade: [...certain].filter((key) => !made.has(key)),
    unforeseen: [...made].filter(
      (key) => !certain.has(key) && ![...may].some((one) => key.startsWith(one)) && !covered(key),
    ),
    certain: operations('changed'),
    may: operations('may'),
  }
}
