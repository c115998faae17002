import { type Scalar, visit } from 'yaml'
import type { SourceText } from '../../source-text.ts'
import { yamlDocument } from '../../yaml-syntax.ts'
import { isAgeText } from './age-text.ts'

/** A value with the tag `!age`, encrypted or not yet. */
export interface MarkedValue {
  readonly text: string
  readonly isSealed: boolean
  /** Of the value itself, from the start of the file; the tag stands before it. */
  readonly start: number
  readonly end: number
  /** Columns that a block below it is indented by. */
  readonly indent: number
  /** Whether a block can stand here: not inside `{ }` and `[ ]`. */
  readonly isBlockFit: boolean
}

/** Every value of a YAML text that is tagged `!age`, in the order of the text. Throws `INVENTORY` for what is no YAML. */
export function markedValues(source: SourceText): MarkedValue[] {
  const { text } = source
  const document = yamlDocument(source, {
    schema: 'failsafe',
    customTags: (tags) => [...tags, { tag: '!age', resolve: (value: string) => value }],
    uniqueKeys: false,
    logLevel: 'silent',
    keepSourceTokens: true,
  })
  const found: MarkedValue[] = []
  visit(document, {
    Scalar(_, node, parents) {
      if (node.tag !== '!age' || !node.range) return
      const [start, end] = node.range
      const inFlow = parents.some((parent) => 'flow' in parent && parent.flow === true)
      const tag = text.lastIndexOf('!age', start)
      const isBlockFit = !inFlow && !text.slice(tag, start).includes('\n')
      const value = String(node.value)
      found.push({ text: value, isSealed: isAgeText(value), start, end, indent: indentOf(node), isBlockFit })
    },
  })
  return found
}

const indentOf = ({ srcToken }: Scalar) => (srcToken && 'indent' in srcToken ? srcToken.indent : 0) + 2

/** The text with some values written anew, the rest as it is to the last byte, comments too. */
export function withValues(source: SourceText, values: ReadonlyMap<MarkedValue, string>): string {
  let text = source.text
  for (const [value, to] of [...values].toSorted(([a], [b]) => b.start - a.start)) {
    const old = text.slice(value.start, value.end)
    const rest = text.slice(value.end)
    // A block has its comment after its mark, and takes the end of its line with it; any other value does neither.
    const wasBlock = /^[|>]/.test(old)
    const [comment] = (wasBlock ? /(?<=^[|>][-+0-9]*[ \t]+)#[^\n]*/.exec(old) : /(?<=^[ \t]+)#[^\n]*/.exec(rest)) ?? [
      '',
    ]
    const after = wasBlock ? rest : rest.slice(/^[ \t]*(?:#[^\n]*)?\n?/.exec(rest)?.[0].length)
    const block = isAgeText(to) ? to : asBlock(to)
    text =
      block !== undefined && value.isBlockFit
        ? `${text.slice(0, value.start)}${blockScalar(block, comment, value.indent)}${after}`
        : `${text.slice(0, value.start)}${JSON.stringify(to)}${quotedEnd(comment, wasBlock, rest)}`
  }
  return text
}

/** What follows a value in quotes: of a block, the end of its line is to be made again. */
const quotedEnd = (comment: string, wasBlock: boolean, rest: string) =>
  wasBlock ? `${comment === '' ? '' : ` ${comment}`}\n${rest}` : rest

/** Simple text of several lines; any other is written in quotes, which hold anything. */
const asBlock = (text: string) =>
  /^[^\s][^\u0000-\u0008\u000b-\u001f\u007f]*[^\s]\n?$/.test(text) && /\n./.test(text) ? text : undefined

function blockScalar(text: string, comment: string, indent: number): string {
  const lines = text.replace(/\n$/, '').replaceAll(/^(?=.)/gm, ' '.repeat(indent))
  return `|${text.endsWith('\n') ? '' : '-'}${comment === '' ? '' : ` ${comment}`}\n${lines}\n`
}
