import { CST, Lexer, type YAMLError, YAMLParseError } from 'yaml'
import type { TsplayError } from '../runner/model/errors.ts'
import { yamlDocuments, type YamlOptions, type YamlText } from '../runner/model/yaml-documents.ts'
import type { SourceText } from './source-text.ts'
import { notYetEncrypted } from './yaml-scalars.ts'

/** What `{{` without quotes is, which is what people who write Jinja forget: a message and a hint. */
export const braces = ['{{ begins a mapping in YAML, not text', 'Put the whole value in quotes: "{{ … }}".'] as const

/** The one document of a text. Throws an `INVENTORY` error that points at the first fault. */
export function yamlDocument(source: SourceText, options: YamlOptions): YamlText {
  const [document, second] = yamlDocuments(source.text, options)
  const [fault] = document.errors
  if (fault) throw syntaxError(source, fault)
  if (second) throw syntaxError(source, new YAMLParseError([second.range[0], second.range[1]], 'MULTIPLE_DOCS', ''))
  return document
}

/** The error for text that is no YAML, in the words of an inventory's author. */
export function syntaxError(source: SourceText, fault: YAMLError): TsplayError {
  const offset = placed(source.text, fault)
  const [message, hint] = explain(fault, source.line(source.origin(offset).line))
  return source.error(offset, message, hint)
}

/** The library reports an open quote at the end of the file, and a bad indentation before the line that has it. */
function placed(text: string, { code, pos: [offset], message }: YAMLError): number {
  if (code === 'MISSING_CHAR' && message.includes('quote')) return openQuote(text) ?? offset
  if (code === 'TAB_AS_INDENT' || !/[\r\n]/.test(text[offset] ?? '')) return offset
  const next = text.slice(offset).search(/\S/)
  return next === -1 ? offset : offset + next
}

function openQuote(text: string): number | undefined {
  let offset = 0
  for (const lexeme of new Lexer().lex(text)) {
    const quoted = /^["']/.test(lexeme)
    if (quoted && (lexeme.length === 1 || !lexeme.endsWith(lexeme.charAt(0)))) return offset
    // These mark places; they are not of the text.
    const mark = lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END || lexeme === CST.SCALAR
    if (!mark) offset += lexeme.length
  }
  return undefined
}

function explain({ code, message }: YAMLError, line: string): readonly [string, string?] {
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(line))
    return ['a tab: YAML is indented with spaces', 'Replace the tab by spaces.']
  if (/(?::|-)\s*\{\{/.test(line)) return braces
  switch (code as string) {
    case 'MULTIPLE_DOCS':
      return ['a second document begins here; an inventory is one document', 'Remove the line with ---.']
    case 'TAG_RESOLVE_FAILED':
      if (message === notYetEncrypted) return [message, 'Encrypt it where it stands: tsplay secrets encrypt FILE']
      if (message.startsWith('what stands after'))
        return [message, 'Write !env NAME, !command pass show db, or !prompt Database password.']
      return [`${message}: only !age, !command, !env, !prompt, !unsafe and !vault are known`, 'Remove the tag.']
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [
        'a mapping can not begin here: a second ": " in one line',
        'Put the value in quotes, or begin a new line.',
      ]
    case 'RESOURCE_EXHAUSTION':
      return [message]
    case 'MISSING_CHAR':
      return message.includes('quote')
        ? ['this quote is never closed', 'Close it in the same line.']
        : [`no valid YAML: ${message}`]
    case 'BAD_INDENT':
      return [`the indentation does not fit: ${message}`, 'Entries of one mapping begin in the same column.']
    default:
      return [`no valid YAML: ${message}`]
  }
}
