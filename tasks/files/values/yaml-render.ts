import { Document, isScalar, stringify, visit } from 'yaml'

/** How a YAML file is laid out. */
export interface YamlLayout {
  /** Blanks for each level. */
  readonly indent: number
  /** Whether lists in a mapping are indented deeper than it. */
  readonly indentLists: boolean
  readonly eol: '\n' | '\r\n'
}

/** A value as lines of block style, without the last line end, each below the first behind `column` blanks. */
export function renderBlock(value: unknown, column: number, { indent, indentLists, eol }: YamlLayout): string {
  // Text of several lines is indented by what it is the value of.
  const isText = typeof value === 'string'
  const whole = documentOf(isText ? { k: value } : value).toString({ lineWidth: 0, indent, indentSeq: indentLists })
  const [first = '', ...rest] = whole
    .slice(isText ? 'k: '.length : 0)
    .replace(/\n$/, '')
    .split('\n')
  return [first, ...rest.map((line) => (line === '' ? '' : `${' '.repeat(column)}${line}`))].join(eol)
}

/** A value on one line. */
export const renderFlow = (value: unknown): string => {
  const document = documentOf(value)
  visit(document, {
    // A block of text needs lines of its own.
    Scalar: (_, node) =>
      void (typeof node.value === 'string' && node.value.includes('\n') && (node.type = 'QUOTE_DOUBLE')),
  })
  return document.toString({ lineWidth: 0, collectionStyle: 'flow' }).trimEnd()
}

/** What one parser reads as text, and another as a truth value or a number (`yes`, `1:30`), is put in quotes. */
function documentOf(value: unknown): Document {
  const document = new Document(value)
  visit(document, {
    Scalar(_, node) {
      if (!isScalar(node) || typeof node.value !== 'string' || node.value.includes('\n')) return
      if (/^["']/.test(stringify(node.value, { version: '1.1' }))) node.type = 'QUOTE_DOUBLE'
    },
  })
  return document
}
