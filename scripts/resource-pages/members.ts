import { type Node, type TypeNode } from 'typescript/unstable/ast'
import { isPropertySignatureDeclaration, isTypeReferenceNode } from 'typescript/unstable/ast/is'
import { type Symbol, SymbolFlags, type Type } from 'typescript/unstable/sync'
import { comment, onOneLine } from './comment.ts'
import type { Member } from './declared.ts'
import { declarationsOf, fileOf, type Reading } from './reading.ts'

/** The properties of a type, those that are needed first. */
export function membersOf(reading: Reading, type: Type): readonly Member[] {
  const all = reading.checker.getPropertiesOfType(type).map((symbol) => memberOf(reading, symbol))
  return [...all.filter(({ optional }) => !optional), ...all.filter(({ optional }) => optional)]
}

function memberOf(reading: Reading, symbol: Symbol): Member {
  const { checker } = reading
  const nodes = declarationsOf(symbol).flatMap((node) =>
    isPropertySignatureDeclaration(node) && node.type ? [node.type] : [],
  )
  for (const node of nodes) meet(reading, node)
  // One that excludes another is declared as `never` beside it.
  const written = [...new Set(nodes.map(typeText))].filter((text) => text !== 'never').join(' | ')
  const type = checker.getTypeOfSymbol(symbol)
  const optional = (symbol.flags & SymbolFlags.Optional) !== 0
  const { text, whenLeftOut } = comment(checker, symbol)
  return {
    name: symbol.name,
    type: (written || (type ? checker.typeToString(type) : '')).replace(optional ? / \| undefined$/ : '', ''),
    optional,
    text: onOneLine(text),
    whenLeftOut,
  }
}

/** A type as it is written, on one line. That options are read-only, and may be undefined, goes without saying. */
export const typeText = (node: TypeNode) =>
  node
    .getText()
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll('readonly ', '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    // Properties on lines of their own have nothing else between them.
    .reduce((text, line) => text + (/[{(|&,;<]$/.test(text) || /^[})|&,;>]/.test(line) ? ' ' : '; ') + line)
    .replace(/^\| /, '')
    .replaceAll(/(\?: [^;}]+?) \| undefined(?= *[;}])/g, '$1')

/** Takes note of the types of this project that a node names. */
export function meet(reading: Reading, node: Node): void {
  if (isTypeReferenceNode(node)) {
    const symbol = typeSymbol(reading, node.typeName)
    if (symbol !== undefined && isOurs(reading, symbol)) reading.met.set(symbol.name, symbol)
  }
  node.forEachChild((child) => meet(reading, child))
}

function typeSymbol({ checker }: Reading, name: Node): Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(name)
  return symbol && symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** What the core's own types are, the other pages tell; short ones are told again. */
function isOurs(reading: Reading, symbol: Symbol): boolean {
  const [declaration] = declarationsOf(symbol)
  if (declaration === undefined || symbol.flags & SymbolFlags.TypeParameter) return false
  const file = fileOf(reading, declaration)
  return file.startsWith('tasks/') || (file.startsWith('runner/model/') && (symbol.flags & SymbolFlags.TypeAlias) !== 0)
}
