/** Thrown by {@link expandRanges}; the caller adds file and line. */
export class RangeFault extends Error {}

/** More names than this from one entry is taken for a mistake (`web[1:1000000]`). */
const most = 100_000

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * The names that `web[01:20]`, `db[a:f]`, `n[0:10:2]-[1:3]` stand for, in order; the name itself where it has no
 * brackets. Both ends are included; a leading zero sets the width. The grammar is Ansible's.
 * Throws {@link RangeFault} with one sentence.
 */
export function expandRanges(name: string): string[] {
  const open = name.indexOf('[')
  if (open === -1) return [name]
  const close = name.indexOf(']', open)
  if (close === -1) throw new RangeFault(`the "[" in "${name}" has no "]"`)
  const rest = expandRanges(name.slice(close + 1))
  const parts = sequence(name.slice(open + 1, close))
  if (parts.length * rest.length > most) throw new RangeFault(`"${name}" stands for more than ${most} hosts`)
  return parts.flatMap((part) => rest.map((tail) => name.slice(0, open) + part + tail))
}

function sequence(range: string): string[] {
  const [begin = '', end, stepText = '1', ...more] = range.split(':')
  if (end === undefined || more.length > 0)
    throw new RangeFault(`[${range}] is no range: write [begin:end] or [begin:end:step]`)
  if (end === '') throw new RangeFault(`the range [${range}] has no end`)
  const step = Number(stepText)
  if (!/^\d+$/.test(stepText) || step < 1) throw new RangeFault(`the step of [${range}] must be a whole number from 1`)
  const from = letters.indexOf(begin)
  const to = letters.indexOf(end)
  if (begin.length === 1 && end.length === 1 && from !== -1 && to !== -1) {
    if (from > to) throw new RangeFault(`the range [${range}] ends before it begins`)
    return letters
      .slice(from, to + 1)
      .split('')
      .filter((_, i) => i % step === 0)
  }
  return numbers(range, begin || '0', end, step)
}

function numbers(range: string, begin: string, end: string, step: number): string[] {
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(end))
    throw new RangeFault(`the ends of [${range}] must be two numbers or two letters`)
  const padded = begin.startsWith('0') && begin.length > 1
  if (padded && begin.length !== end.length)
    throw new RangeFault(`the ends of [${range}] must be equally long: the leading zero sets the width`)
  const [from, to] = [Number(begin), Number(end)]
  if (from > to) throw new RangeFault(`the range [${range}] ends before it begins`)
  if ((to - from) / step > most) throw new RangeFault(`[${range}] stands for more than ${most} hosts`)
  const names: string[] = []
  for (let n = from; n <= to; n += step) names.push(padded ? String(n).padStart(begin.length, '0') : String(n))
  return names
}
