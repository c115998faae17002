import { isTypeAliasDeclaration, isTypeLiteralNode } from 'typescript/unstable/ast/is'
import type { Symbol } from 'typescript/unstable/sync'
import { comment, onOneLine } from './comment.ts'
import type { NamedType } from './declared.ts'
import { meet, membersOf, typeText } from './members.ts'
import { declarationsOf, type Reading } from './reading.ts'

/** The types that were met, and those that they name in turn; not those that have a section of their own already. */
export function namedTypes(reading: Reading, told: ReadonlySet<string>): readonly NamedType[] {
  const done = new Map<string, NamedType>()
  const rest = () => [...reading.met].filter(([name]) => !done.has(name) && !told.has(name))
  for (let next = rest(); next.length > 0; next = rest()) {
    for (const [name, symbol] of next) done.set(name, namedType(reading, symbol))
  }
  return [...done.values()]
}

function namedType(reading: Reading, symbol: Symbol): NamedType {
  const { checker } = reading
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  const node = declarationsOf(symbol).find(isTypeAliasDeclaration)?.type
  // An alias of an array, a function or another name says more as it is written than by its members.
  const hasProperties = node === undefined || isTypeLiteralNode(node) || type.isIntersectionType()
  if (node !== undefined) meet(reading, node)
  return {
    name: symbol.name,
    text: onOneLine(comment(checker, symbol).text),
    alias: hasProperties ? undefined : typeText(node),
    members: hasProperties ? membersOf(reading, type) : [],
  }
}
