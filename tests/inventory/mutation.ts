import type { Random } from '../helpers/random.ts'

const pieces = [
  '\t',
  '\n',
  ' ',
  '  ',
  ':',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: *a',
  '!x ',
  '!!binary ',
  '|\n',
  '>',
  '? ',
  '%YAML 1.2\n',
  '---\n',
  '...',
  '#',
  '\0',
  '\u001b[2J',
  '\uFEFF',
  '\ud800',
  '{{ x }}',
  'all',
  'hosts',
  'vars',
  'children',
  '[1:9]',
  '[a:',
  ',',
  '~',
  '0x',
  '__proto__',
  '1e999',
  '-',
] as const

/** A text with one to four damages, or as many as are asked for: pieces of YAML and INI put in, parts cut out. */
export function mutated(text: string, random: Random, damages = random.below(4) + 1): string {
  let result = text
  for (let i = damages; i > 0; i--) {
    const at = random.below(result.length + 1)
    const cut = random.below(3) === 0 ? random.below(12) : 0
    result = result.slice(0, at) + (random.below(4) === 0 ? '' : random.pick(pieces)) + result.slice(at + cut)
  }
  return result
}
