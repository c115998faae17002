/**
 * A line of source with its number, and a caret below a column (from 1) where one is given. Tabs are kept above and
 * below, so that the caret stands right whatever they are shown as.
 */
export function sourceExcerpt(source: string, line: number, column?: number): string {
  const margin = `${line} | `
  const first = `  ${margin}${source.trimEnd()}`
  if (column === undefined) return first
  const before = source.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
  return `${first}\n  ${' '.repeat(margin.length)}${before}^`
}
