import type { SourceText } from './source-text.ts'

/** How a text file is read. */
export type SourceFormat = 'yaml' | 'ini' | 'toml'

/** A mapping's key, or what only YAML begins with; a host of an INI file never ends in a colon. */
const yamlLine = /^(?:\{|---(?:\s|$)|%YAML|\?\s|["'].*["']\s*:(?:\s|$)|[^\s#[][^\s]*:(?:\s|$))/
const section = /^\[[^:\]\s]+(?::\w+)?\]\s*(?:#.*)?$/

/**
 * YAML (JSON is some) or INI: by the file's extension where it tells, else by its first line that is no comment. A file
 * with an extension of YAML that begins with an INI section is INI, as for Ansible.
 */
export function sourceFormat({ file, text }: SourceText): SourceFormat {
  if (file.endsWith('.toml')) return 'toml'
  const first = firstLine(text)
  if (/\.(?:ya?ml|json)$/.test(file)) return first !== undefined && section.test(first) ? 'ini' : 'yaml'
  return first !== undefined && yamlLine.test(first) ? 'yaml' : 'ini'
}

function firstLine(text: string): string | undefined {
  for (const [line] of text.matchAll(/[^\n\r]+/g)) if (/^\s*[^\s#;]/.test(line)) return line.trim()
  return undefined
}
