/** Where an offset is in a text, as editors count, from 1: `line 3, column 5`. */
export function textPosition(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}
