/** One line of a configuration file that says something. */
export interface ConfigLine {
  /** `FILE line N`, as ssh names it. */
  readonly place: string
  /** In lower case. */
  readonly keyword: string
  /** Everything after the keyword, as it stands. */
  readonly rest: string
  /** The same as words, without quotes and comments; undefined where a quote is left open. */
  readonly words: readonly string[] | undefined
}

/** Reads a line as ssh does: `Keyword value …` or `Keyword=value`; undefined for an empty line or a comment. */
export function parseLine(text: string, place: string): ConfigLine | undefined {
  const line = text.replace(/^[ \t\r]+/, '').replace(/[ \t\r\n\f]+$/, '')
  if (line === '' || line.startsWith('#')) return undefined
  const [, keyword = line, rest = ''] = /^([^\s"=]+)(?:[ \t]*=[ \t]*|[ \t]+)(.*)$/s.exec(line) ?? []
  return { place, keyword: keyword.toLowerCase(), rest, words: splitWords(rest) }
}

/** Splits on blanks, obeys both kinds of quotes and backslashes before them, and ends at a `#` that begins a word. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i)
    const next = text.charAt(i + 1)
    if (letter === '\\' && (/^["'\\]$/.test(next) || (quote === '' && next === ' '))) {
      word = (word ?? '') + next
      i++
    } else if (quote === '' && (letter === ' ' || letter === '\t')) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (quote === '' && word === undefined && letter === '#') return words
    else if (quote === '' && (letter === '"' || letter === "'")) {
      quote = letter
      word ??= ''
    } else if (letter === quote) quote = ''
    else word = (word ?? '') + letter
  }
  if (quote !== '') return undefined
  return word === undefined ? words : [...words, word]
}
