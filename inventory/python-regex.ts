/** A regular expression as Python writes it; flags stand at its beginning: `(?i)web`. */
const flags = /^\(\?([ims]+)\)/

/** What Python writes in another way: `(?P<name>…)`, `(?P=name)`, `\\A` and `\\Z`; other escapes are passed over. */
const other = /\\([\s\S])|\(\?P<(\w+)>|\(\?P=(\w+)\)/g

/**
 * A regular expression of Python's `re` that has to match from the beginning of a text, as JavaScript's. Throws a
 * SyntaxError for one that is none, and for what only Python knows.
 */
export function pythonRegex(text: string): RegExp {
  const [head = '', modes = ''] = flags.exec(text) ?? []
  const body = text.slice(head.length).replaceAll(other, (whole, escaped?: string, group?: string, back?: string) => {
    if (group !== undefined) return `(?<${group}>`
    if (back !== undefined) return `\\k<${back}>`
    return escaped === 'A' ? '(?<![\\s\\S])' : escaped === 'Z' ? '(?![\\s\\S])' : whole
  })
  return new RegExp(`^(?:${body})`, modes)
}
