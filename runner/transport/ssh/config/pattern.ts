const known = new Map<string, RegExp>()

/** ssh_config(5), PATTERNS: `*` stands for any text, `?` for one character; the case counts. */
export function matchesPattern(text: string, pattern: string): boolean {
  let expression = known.get(pattern)
  if (expression === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')
    expression = new RegExp(`^${source}$`, 's')
    known.set(pattern, expression)
  }
  return expression.test(text)
}

/** Whether any of the patterns, separated by commas, matches, and none of those that begin with `!`. */
export function matchesPatternList(text: string, list: string): boolean {
  let found = false
  for (const item of list.split(',')) {
    const negated = item.startsWith('!')
    if (!matchesPattern(text, negated ? item.slice(1) : item)) continue
    if (negated) return false
    found = true
  }
  return found
}
