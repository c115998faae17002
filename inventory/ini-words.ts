/** A word of a host line, and where it begins in it. */
export interface IniWord {
  readonly text: string
  readonly offset: number
}

/** Thrown by {@link iniWords}; the caller adds file and line. */
export class WordFault extends Error {
  /** Of the quote or backslash, in the line. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Characters that mean only themselves. */
const plain = /[^ \t\r\n#\\"']+/y
const blank = /[ \t\r\n]*/y

/**
 * The words of an INI host line, split as Python's shlex does, which Ansible uses: quotes and backslashes as in a
 * shell, and `#` begins a comment, inside a word too. Throws {@link WordFault} for a quote that is never closed.
 */
export function iniWords(line: string): IniWord[] {
  const words: IniWord[] = []
  for (let offset = end(blank, line, 0); offset < line.length && line[offset] !== '#';) {
    let at = end(plain, line, offset)
    let text = line.slice(offset, at)
    while (at < line.length && !/[ \t\r\n#]/.test(line.charAt(at))) {
      const part = piece(line, at)
      text += part.text
      at = part.end
    }
    words.push({ text, offset })
    offset = end(blank, line, at)
  }
  return words
}

/** Where what a sticky pattern matches from there on ends; the same place where it matches nothing. */
function end(pattern: RegExp, line: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(line) ? pattern.lastIndex : from
}

/** A run of plain characters, one escaped character, or one quoted part. */
function piece(line: string, at: number): { readonly text: string; readonly end: number } {
  const char = line.charAt(at)
  if (char === '\\') {
    if (at + 1 >= line.length) throw new WordFault('nothing follows this backslash', at)
    return { text: line.charAt(at + 1), end: at + 2 }
  }
  if (char !== '"' && char !== "'") {
    const to = end(plain, line, at)
    return { text: line.slice(at, to), end: to }
  }
  let text = ''
  for (let i = at + 1; i < line.length; i++) {
    const next = line.charAt(i)
    if (next === char) return { text, end: i + 1 }
    if (next === '\\' && char === '"' && /["\\]/.test(line.charAt(i + 1))) text += line.charAt(++i)
    else text += next
  }
  throw new WordFault('this quote is never closed', at)
}
