/** The known names that are most likely meant by a misspelt one, best first, at most three. */
export function near(name: string, known: Iterable<string>): string[] {
  const wanted = fold(name)
  const limit = wanted.length < 4 ? 1 : wanted.length < 8 ? 2 : 3
  const found: { name: string; distance: number }[] = []
  for (const candidate of known) {
    const folded = fold(candidate)
    if (Math.abs(folded.length - wanted.length) > limit) continue
    const distance = edits(wanted, folded, limit)
    if (distance <= limit) found.push({ name: candidate, distance })
  }
  return found
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((match) => match.name)
}

/** ` Did you mean "web" or "webs"?`, or nothing where no name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = near(name, known).map((match) => `"${match}"`)
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`
}

/** Case, `-` and `_` are what people mix up most. */
const fold = (name: string) => name.toLowerCase().replaceAll(/[-_.]/g, '')

/** Optimal string alignment distance (an exchange of neighbours counts as one), given up above the limit. */
function edits(a: string, b: string, limit: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1)
      row.push(best)
    }
    if (Math.min(...row) > limit) return limit + 1
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
