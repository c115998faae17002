import type { Batch, PlayDefinition } from '../../model/playbook.ts'

/** Hosts of a play: those that its pattern selects on the whole inventory, and what is left of them. */
export interface Selected {
  readonly play: PlayDefinition
  /** On the whole inventory: `group[0]` is always the same host, whatever failed or is limited away. */
  readonly all: readonly string[]
  /** Of those, the ones that may change: none where `--tags` leave the play out. */
  readonly limited: readonly string[]
  /** The others, where plays with hosts to change need their results: they are only read. */
  readonly read: readonly string[]
  /** What leaves those out. */
  readonly outside: '--limit' | '--tags'
}

/**
 * Selects the hosts of every play before anything is connected to. Plays that `--tags` leave out are kept where others
 * need their results, and are then only read.
 */
export function selectPlays(
  plays: readonly PlayDefinition[],
  hosts: (pattern: string) => readonly string[],
  limit: string | undefined,
  tags: readonly string[],
): readonly Selected[] {
  const allowed = limit === undefined ? undefined : new Set(hosts(limit))
  const needed = new Set<PlayDefinition>()
  const selected: Selected[] = []
  // From the last to the first: what a play needs was declared before it.
  for (const play of plays.toReversed()) {
    const tagged = tags.length === 0 || play.tags.some((tag) => tags.includes(tag))
    const all = hosts(play.hosts)
    const limited = tagged ? all.filter((host) => allowed?.has(host) ?? true) : []
    const read = needed.has(play) ? all.filter((host) => !limited.includes(host)) : []
    if (limited.length > 0 || read.length > 0) for (const need of neededBy(play)) needed.add(need)
    if (tagged || needed.has(play)) selected.push({ play, all, limited, read, outside: tagged ? '--limit' : '--tags' })
  }
  return selected.toReversed()
}

/** Plays are only ever made by playbook(), which makes definitions. */
const neededBy = (play: PlayDefinition): readonly PlayDefinition[] =>
  Object.values(play.needs).map((need) => need as PlayDefinition)

/** Cuts a play's hosts into batches: each entry of `serial` makes one, and the last entry repeats. */
export function batchesOf(hosts: readonly string[], serial: readonly Batch[]): readonly (readonly string[])[] {
  if (serial.length === 0 || hosts.length === 0) return [hosts]
  const batches: (readonly string[])[] = []
  let rest = hosts
  for (let i = 0; rest.length > 0; i++) {
    const size = batchSize(serial[Math.min(i, serial.length - 1)] as Batch, hosts.length)
    batches.push(rest.slice(0, size))
    rest = rest.slice(size)
  }
  return batches
}

/** A share is rounded down, as Ansible does, and is one host at least. */
function batchSize(batch: Batch, hosts: number): number {
  const size = typeof batch === 'number' ? batch : Math.floor((hosts * Number.parseFloat(batch)) / 100)
  return Math.max(1, Math.floor(size))
}
