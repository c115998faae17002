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

/**
 * The words of an INI host line, split as Python's shlex does, which Ansible uses: quotes and backslashes as in a
 * shell, and `#` begins a comment, inside a word too. Throws {@link WordFault} for a quote that is never closed.
 */
export function iniWords(line: string): IniWord[] {
  const words: IniWord[] = []
  let i = 0
  while (i < line.length) {
    if (/[ \t\r\n]/.test(line.charAt(i))) {
      i++
      continue
    }
    if (line.charAt(i) === '#') break
    const offset = i
    let text = ''
    while (i < line.length && !/[ \t\r\n#]/.test(line.charAt(i))) {
      const part = piece(line, i)
      text += part.text
      i = part.end
    }
    words.push({ text, offset })
    if (line.charAt(i) === '#') break
  }
  return words
}

/** One character, one escaped character, or one quoted part. */
function piece(line: string, at: number): { readonly text: string; readonly end: number } {
  const char = line.charAt(at)
  if (char === '\\') {
    if (at + 1 >= line.length) throw new WordFault('nothing follows this backslash', at)
    return { text: line.charAt(at + 1), end: at + 2 }
  }
  if (char !== '"' && char !== "'") return { text: char, end: at + 1 }
  let text = ''
  for (let i = at + 1; i < line.length; i++) {
    const next = line.charAt(i)
    if (next === char) return { text, end: i + 1 }
    if (next === '\\' && char === '"' && /["\\]/.test(line.charAt(i + 1))) text += line.charAt(++i)
    else text += next
  }
  throw new WordFault('this quote is never closed', at)
}
