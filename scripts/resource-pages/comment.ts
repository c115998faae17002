import type { Checker, Symbol } from 'typescript/unstable/sync'

/** What a declaration's comment says. */
export interface Comment {
  readonly text: string
  readonly examples: readonly string[]
  readonly throws: readonly string[]
  readonly whenLeftOut: string | undefined
}

export function comment(checker: Checker, symbol: Symbol): Comment {
  const tags = checker.getJsDocTagsOfSymbol(symbol)
  const texts = (name: string) => tags.filter((tag) => tag.name === name).map(({ text = '' }) => text.trim())
  return {
    text: withoutLinks(checker.getDocumentationCommentOfSymbol(symbol)),
    examples: texts('example'),
    throws: texts('throws').map(onOneLine),
    whenLeftOut: texts('default').map(onOneLine)[0],
  }
}

const withoutLinks = (text: string) => text.replaceAll(/\{@link(?:code|plain)? ([^}]+)\}/g, '`$1`').trim()

export const onOneLine = (text: string) => withoutLinks(text).replaceAll(/\s+/g, ' ')
