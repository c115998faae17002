import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParsedNode,
  type ParseOptions,
  Parser,
  type SchemaOptions,
  YAMLParseError,
} from 'yaml'

/** Mappings and lists within one another: more is taken for an attack or a mistake. */
export const mostYamlLevels = 200

export type YamlOptions = ParseOptions & DocumentOptions & SchemaOptions

export type YamlText = Document.Parsed<ParsedNode>

/**
 * The documents of a YAML text, each with its own `errors`; one without contents for a text without any. The only way in
 * which text is given to the yaml library: it composes nodes by recursion, and a text of 20,000 opening braces does not end
 * in a `RangeError`, but ends Node, which can not compile the library's expressions at the end of its stack.
 *
 * What is nested deeper than {@link mostYamlLevels} is one empty document with the error `RESOURCE_EXHAUSTION`.
 */
export function yamlDocuments(text: string, options: YamlOptions = {}): readonly [YamlText, ...YamlText[]] {
  const parser = new Parser()
  const tooDeep = () => parser.stack.length > mostYamlLevels + notCollections
  const [first, ...others] = new Composer(options).compose(tokens(text, parser, tooDeep), true, text.length)
  // The `true` above asks for one at least.
  const documents = [first as YamlText, ...others] as const
  if (!tooDeep()) return documents
  const message = `mappings and lists are nested more than ${mostYamlLevels} levels deep here`
  documents[0].errors.unshift(new YAMLParseError([parser.offset, parser.offset + 1], 'RESOURCE_EXHAUSTION', message))
  return documents
}

/** On the parser's stack beside collections: the document itself, and the scalar that is read. */
const notCollections = 2

/** Nothing is composed of a document before it has ended, so that one that is cut off here is not. */
function* tokens(text: string, parser: Parser, tooDeep: () => boolean): Generator<CST.Token, void> {
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    if (tooDeep()) return
  }
  yield* parser.end()
}
