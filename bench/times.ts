import type { Contestant } from './contestants.ts'
import type { CpuAccount } from './cpu-account.ts'
import type { Place } from './place.ts'
import { measure } from './process.ts'

export type Mode = 'first' | 'unchanged'

/** One run of one contestant. */
export interface Sample {
  readonly ms: number
  /** CPU time here. */
  readonly ownCpuMs: number
  /** CPU time here and on the hosts; 0 where it can not be told. */
  readonly cpuMs: number
}

/** What a contestant took at a place, run by run; the nth of all contestants are of the same minute. */
export interface Row {
  readonly place: string
  readonly contestant: string
  readonly mode: Mode
  readonly samples: readonly Sample[]
}

/** Runs all contestants in turn, first and unchanged, `repeats` times. Throws when one fails or changes what it should not. */
export async function timeAll(
  place: Place,
  contestants: readonly Contestant[],
  repeats: number,
  account?: CpuAccount,
): Promise<Row[]> {
  const samples = new Map<string, Sample[]>()
  const one = async (contestant: Contestant, mode: Mode, counted: boolean) => {
    if (mode === 'first') await place.forget(contestant.name)
    const sample = await timeOne(place, contestant, mode, account)
    const key = JSON.stringify([contestant.name, mode])
    if (counted) samples.set(key, [...(samples.get(key) ?? []), sample])
  }
  // Not counted: fills the file system's and everybody's own caches (Ansible has none that it needs).
  if (repeats > 1) for (const contestant of contestants) await one(contestant, 'first', false)
  for (let i = 0; i < repeats; i++) {
    for (const mode of ['first', 'unchanged'] as const) {
      for (const contestant of contestants) await one(contestant, mode, true)
    }
  }
  return contestants.flatMap(({ name }) =>
    (['first', 'unchanged'] as const).map((mode) => ({
      place: place.title,
      contestant: name,
      mode,
      samples: samples.get(JSON.stringify([name, mode])) ?? [],
    })),
  )
}

/** Everything but the reads and those lines that are a part of the first. */
const changesPerHost = 26

async function timeOne(place: Place, contestant: Contestant, mode: Mode, account?: CpuAccount): Promise<Sample> {
  const command = await contestant.command(place)
  await place.quiet()
  const before = account?.ms() ?? 0
  const measured = await measure([...place.prefix, ...command], { env: place.env, cwd: place.folder })
  await place.quiet()
  const cpuMs = (account?.ms() ?? 0) - before
  const changes = contestant.changes(measured.output)
  const expected = mode === 'first' ? changesPerHost * place.hosts.length : 0
  if (measured.code !== 0 || changes !== expected) {
    throw new Error(
      `${contestant.name}, ${mode}, at ${place.title}: exit ${measured.code}, ${changes} changes instead of ${expected}\n${measured.output.slice(-4000)}`,
    )
  }
  return { ms: measured.ms, ownCpuMs: measured.cpuMs, cpuMs: place.prefix.length > 0 ? 0 : cpuMs }
}
