import { inText } from './unknown.ts'

/** One word for a POSIX shell, whatever is in it (XCU 2.2.2: nothing is special inside single quotes). */
export function quote(word: string | number): string {
  const text = String(word)
  if (text.includes('\0')) throw new TypeError('a NUL byte can not be passed to a command')
  return /^[A-Za-z0-9_\-./:=@%+,]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

export type ShellArg = string | number | readonly (string | number)[]

/** Text for a POSIX shell from a template: every value becomes one word, an array as many words as it has items. Unknowns are carried. */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellArg[]): string {
  return strings.reduce((text, part, i) => {
    const value = inText(values[i - 1] as ShellArg)
    return text + (typeof value === 'object' ? value.map((word) => quote(inText(word))).join(' ') : quote(value)) + part
  })
}
