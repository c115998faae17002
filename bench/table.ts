import type { Row, Sample } from './times.ts'

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** A table in Markdown: seconds, ratios to the floor of the same repeat, CPU seconds. */
export function markdown(rows: readonly Row[]): string {
  const floorOf = (row: Row) =>
    rows.find(({ place, contestant, mode }) => contestant === 'floor' && place === row.place && mode === row.mode)
  const lines = rows.map((row) => {
    const pick = (what: keyof Sample) => row.samples.map((sample) => sample[what])
    const seconds = (what: keyof Sample) => (median(pick(what)) / 1000).toFixed(2)
    const cells = [
      row.place,
      row.mode,
      row.contestant,
      seconds('ms'),
      (Math.min(...pick('ms')) / 1000).toFixed(2),
      ratio(row, floorOf(row), 'ms'),
      seconds('ownCpuMs'),
      median(pick('cpuMs')) > 0 ? seconds('cpuMs') : '',
      median(pick('cpuMs')) > 0 ? ratio(row, floorOf(row), 'cpuMs') : '',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| hosts | run | | s (median) | s (least) | times the floor | CPU s here | CPU s with the hosts | times the floor |',
    '|---|---|---|--:|--:|--:|--:|--:|--:|',
    ...lines,
    '',
  ].join('\n')
}

/** The median of the ratios of runs that followed one another: what else the machine does is in both. */
function ratio(row: Row, floor: Row | undefined, what: keyof Sample): string {
  if (floor === undefined) return ''
  const all = row.samples.flatMap((sample, i) => {
    const base = floor.samples[i]?.[what] ?? median(floor.samples.map((each) => each[what]))
    return base > 0 ? [sample[what] / base] : []
  })
  return all.length === 0 ? '' : median(all).toFixed(2)
}
