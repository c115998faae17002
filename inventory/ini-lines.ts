/** A line of an INI inventory that says something, without the white space around it. */
export interface IniLine {
  readonly text: string
  /** In the file. */
  readonly offset: number
}

/** What Python takes for the end of a line. */
const lineEnd = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g

/** The lines that are neither empty nor comments (`#`, `;`). */
export function iniLines(text: string): IniLine[] {
  const lines: IniLine[] = []
  const add = (from: number, to: number) => {
    const raw = text.slice(from, to)
    const line = raw.trim()
    if (line !== '' && !/^[#;]/.test(line)) lines.push({ text: line, offset: from + raw.indexOf(line) })
  }
  let start = 0
  for (const { 0: end, index } of text.matchAll(lineEnd)) {
    add(start, index)
    start = index + end.length
  }
  add(start, text.length)
  return lines
}
