import type { Contestant } from './contestants.ts'
import { openPlace } from './place.ts'
import { measure } from './process.ts'
import { median } from './table.ts'

const runs = 3

/** A table of the most resident memory that the process tree of unchanged runs has, by number of hosts. */
export async function measureMemory(contestant: Contestant, counts: readonly number[]): Promise<string> {
  const peaks: { readonly count: number; readonly firstKb: number; readonly kb: number }[] = []
  for (const count of counts) {
    await using place = await openPlace(count, 0)
    const command = await contestant.command(place)
    const sample = async () => {
      const { code, peakKb, output } = await measure(command, {
        env: place.env,
        cwd: place.folder,
        memoryEveryMs: 50,
      })
      if (code !== 0) throw new Error(`${contestant.name} on ${count} hosts ended with ${code}\n${output.slice(-4000)}`)
      return peakKb
    }
    const firstKb = await sample()
    const unchanged: number[] = []
    for (let i = 0; i < runs; i++) unchanged.push(await sample())
    peaks.push({ count, firstKb, kb: median(unchanged) })
  }
  const lines = peaks.map(({ count, firstKb, kb }, i) => {
    const before = peaks[i - 1]
    const each = before === undefined ? '' : ((kb - before.kb) / (count - before.count)).toFixed(0)
    return `| ${count} | ${(firstKb / 1024).toFixed(0)} | ${(kb / 1024).toFixed(0)} | ${each} |`
  })
  return [
    '| hosts | first run, with its type check, MiB | unchanged, MiB | KiB for each further host |',
    '|--:|--:|--:|--:|',
    ...lines,
    '',
  ].join('\n')
}
