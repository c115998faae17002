import { relative } from 'node:path'
import type { Node } from 'typescript/unstable/ast'
import type { Checker, Project, Symbol } from 'typescript/unstable/sync'

/** The project that is read, and the types that were met and have to be explained. */
export interface Reading {
  readonly project: Project
  readonly checker: Checker
  /** The project's folder. */
  readonly root: string
  /** By name. */
  readonly met: Map<string, Symbol>
}

/** The file of a node, from the project's folder. */
export const fileOf = ({ root }: Reading, node: Node) => relative(root, node.getSourceFile().fileName)

/** Where a symbol is declared; nowhere for what the compiler makes up. */
export const declarationsOf = (symbol: Symbol): readonly Node[] =>
  symbol.declarations.flatMap((handle) => handle.resolve() ?? [])
