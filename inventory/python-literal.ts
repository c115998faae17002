/** Thrown by {@link pythonLiteral} for a literal that has no counterpart here; the caller adds file and line. */
export class LiteralFault extends Error {}

/** Thrown where text is no literal. Never leaves this module; one for all, since most values are none. */
class NoLiteral extends Error {}

const noLiteral = new NoLiteral()

/** What a literal can begin with: most text is known by its first letter. */
const beginning = /^[ \t]*(?:[\d.+\-'"[({]|[rRuUbB]{1,2}['"]|True|False|None)/

/** Python's own parser gives up at this depth too. */
const mostLevels = 100

/**
 * Text as Python's `ast.literal_eval` reads it, which is how Ansible reads the values of INI inventories: `3`, `0x1f`,
 * `True`, `None`, `'text'`, `[1, 2]`, `{'a': 1}`; `80,443` is a list. `undefined` for what is no literal, and so stays
 * text: `yes`, `true`, `10.0.0.1`, `0644`. Tuples become lists. Throws {@link LiteralFault} for a number too large to be
 * kept exactly and for a set.
 */
export function pythonLiteral(text: string): { readonly value: unknown } | undefined {
  if (!beginning.test(text)) return undefined
  try {
    return { value: new Reader(text).whole() }
  } catch (error) {
    if (error instanceof NoLiteral) return undefined
    throw error
  }
}

const number =
  /(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)|((?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.)(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][+-]?\d(?:_?\d)*)|([1-9](?:_?\d)*|0(?:_?0)*)/y
const word = /(?:True|False|None)(?![\w\u0080-\uffff])/y
const words: Readonly<Record<string, unknown>> = { True: true, False: false, None: null }
const opening = /([rR]?[bB]|[bB][rR]|[rRuU])?("""|'''|"|')/y
const escape = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))/y
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): unknown {
    const items = this.#items(0, undefined)
    if (this.#peek() !== '') throw noLiteral
    return items.length === 1 && !items.comma ? items[0] : [...items]
  }

  /** The next character that counts; empty at the end and at a comment. */
  #peek(): string {
    while (/[ \t\f]/.test(this.#text.charAt(this.#at))) this.#at++
    const char = this.#text.charAt(this.#at)
    return char === '#' ? '' : char
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (!found) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false
    this.#at++
    return true
  }

  /** Values with commas between them, up to a closing bracket or, without one, the end. */
  #items(level: number, close: string | undefined): unknown[] & { comma?: boolean } {
    const items: unknown[] & { comma?: boolean } = []
    while (close === undefined ? this.#peek() !== '' || items.length === 0 : !this.#take(close)) {
      items.push(this.#value(level))
      if (this.#take(',')) {
        items.comma = true
        continue
      }
      if (close === undefined) break
      if (!this.#take(close)) throw noLiteral
      break
    }
    return items
  }

  #value(level: number): unknown {
    if (level > mostLevels) throw noLiteral
    const char = this.#peek()
    if (char === '+' || char === '-') {
      this.#at++
      if (/[+-]/.test(this.#peek())) throw noLiteral
      const value = this.#value(level + 1)
      if (typeof value !== 'number') throw noLiteral
      return char === '+' || Object.is(value, 0) ? value : -value
    }
    if (this.#take('[')) return [...this.#items(level + 1, ']')]
    if (this.#take('{')) return this.#mapping(level + 1)
    if (this.#take('(')) {
      const items = this.#items(level + 1, ')')
      return items.length === 1 && !items.comma ? items[0] : [...items]
    }
    const known = this.#match(word)
    if (known) return words[known[0]]
    const found = this.#match(number)
    return found ? this.#number(found) : this.#strings()
  }

  #number([text, prefixed, float, whole]: RegExpExecArray): number {
    const plain = text.replaceAll('_', '')
    const value = Number(whole === undefined ? plain : plain.replace(/^0+(?=0)/, ''))
    if ((prefixed ?? whole) !== undefined && float === undefined && !Number.isSafeInteger(value))
      throw new LiteralFault('this number is too large to be kept exactly')
    return value
  }

  #mapping(level: number): unknown {
    const entries: [string, unknown][] = []
    while (!this.#take('}')) {
      const key = this.#value(level)
      if (this.#peek() !== ':') {
        if (this.#peek() === ',' || this.#peek() === '}') throw this.#setFault(key, level)
        throw noLiteral
      }
      this.#at++
      if (typeof key === 'object' && key !== null) throw noLiteral
      entries.push([String(key), this.#value(level)])
      if (this.#take(',')) continue
      if (!this.#take('}')) throw noLiteral
      break
    }
    return Object.fromEntries(entries)
  }

  /** Only a whole, well-formed set is one: `{a, b}` is text. */
  #setFault(first: unknown, level: number): Error {
    this.#take(',')
    const rest = this.#items(level, '}')
    if ([first, ...rest].some((item) => typeof item === 'object' && item !== null)) return noLiteral
    return new LiteralFault('this is a set in Python, which has no order')
  }

  /** One string, or several that follow each other and so are one. */
  #strings(): string {
    let text: string | undefined
    let bytes: boolean | undefined
    for (let found = this.#match(opening); found; this.#peek(), found = this.#match(opening)) {
      const prefix = (found[1] ?? '').toLowerCase()
      if (bytes !== undefined && bytes !== prefix.includes('b')) throw noLiteral
      bytes = prefix.includes('b')
      text = (text ?? '') + this.#body(found[2] ?? '', prefix)
    }
    if (text === undefined) throw noLiteral
    return text
  }

  #body(quote: string, prefix: string): string {
    let body = ''
    for (;;) {
      const char = this.#text.charAt(this.#at)
      if (char === '' || char === '\0') throw noLiteral
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length
        return body
      }
      if (char !== '\\') {
        body += char
        this.#at++
      } else body += this.#escape(prefix)
    }
  }

  #escape(prefix: string): string {
    const found = this.#match(escape)
    if (!found) throw noLiteral
    const [whole, octal, two, four, eight, char = ''] = found
    if (prefix.includes('r')) {
      // Only the backslash and what follows it: a raw string's escapes mean nothing.
      this.#at -= whole.length - 2
      return whole.slice(0, 2)
    }
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8))
    const code = two ?? (prefix.includes('b') ? undefined : (four ?? eight))
    if (code !== undefined) {
      const point = parseInt(code, 16)
      if (point > 0x10ffff) throw noLiteral
      return String.fromCodePoint(point)
    }
    if (/^[xuUN]$/.test(char)) throw noLiteral
    return escapes[char] ?? whole
  }
}
