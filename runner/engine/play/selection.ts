import type { Batch, PlayDefinition } from '../../model/playbook.ts'

/** Hosts of a play: those that its pattern selects on the whole inventory, and what is left of them. */
export interface Selected {
  readonly play: PlayDefinition
  /** On the whole inventory: `group[0]` is always the same host, whatever failed or is limited away. */
  readonly all: readonly string[]
  /** Of those, the ones that `--limit` lets change. */
  readonly limited: readonly string[]
}

/** Selects the hosts of every play before anything is connected to. */
export function selectPlays(
  plays: readonly PlayDefinition[],
  hosts: (pattern: string) => readonly string[],
  limit: string | undefined,
  tags: readonly string[],
): readonly Selected[] {
  const allowed = limit === undefined ? undefined : new Set(hosts(limit))
  return plays
    .filter((play) => tags.length === 0 || play.tags.some((tag) => tags.includes(tag)))
    .map((play) => {
      const all = hosts(play.hosts)
      return { play, all, limited: allowed === undefined ? all : all.filter((host) => allowed.has(host)) }
    })
}

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
