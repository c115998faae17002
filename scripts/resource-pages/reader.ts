import { resolve } from 'node:path'
import type { ArrowFunction, FunctionDeclaration, Node, ParameterDeclaration } from 'typescript/unstable/ast'
import {
  isArrowFunction,
  isCallExpression,
  isFunctionDeclaration,
  isIdentifier,
  isTypeReferenceNode,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is'
import {
  API,
  type Project,
  SignatureKind,
  type Symbol,
  SymbolFlags,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync'
import { comment, onOneLine } from './comment.ts'
import type { Declarations, Declared, Parameter } from './declared.ts'
import { meet, membersOf, typeText } from './members.ts'
import { namedTypes } from './named-types.ts'
import { declarationsOf, fileOf, type Reading } from './reading.ts'

/** Reads what `tasks/index.ts` exports, by the compiler itself. `root` is the project's folder. */
export function readDeclarations(root: string): Declarations {
  const api = new API({ cwd: root })
  try {
    const [project] = api.updateSnapshot({ openProject: resolve(root, 'tsconfig.build.json') }).getProjects()
    if (project === undefined) throw new Error('tsconfig.build.json can not be opened')
    const tasks = exportsOf(project, resolve(root, 'tasks/index.ts'))
    const core = exportsOf(project, resolve(root, 'runner/index.ts'))
    const values = tasks.filter(({ flags }) => (flags & SymbolFlags.Value) !== 0)
    return {
      declared: values.map((symbol) => declaredOf({ project, checker: project.checker, root, met: new Map() }, symbol)),
      exports: new Map([
        ['tsplay', namesOf(core)],
        ['tsplay/tasks', namesOf(tasks)],
      ]),
      members: new Set(core.flatMap((symbol) => memberNames(project, symbol))),
    }
  } finally {
    api.close()
  }
}

const namesOf = (symbols: readonly Symbol[]) => new Set(symbols.map(({ name }) => name))

/** The properties of a type, or of a value; of a union, those of each part. */
function memberNames({ checker }: Project, symbol: Symbol): string[] {
  const isType = (symbol.flags & SymbolFlags.Type) !== 0
  const type = isType ? checker.getDeclaredTypeOfSymbol(symbol) : checker.getTypeOfSymbol(symbol)
  const parts = type === undefined ? [] : partsOf(type)
  return parts.flatMap((part) => checker.getPropertiesOfType(part).map(({ name }) => name))
}

const partsOf = (type: Type): readonly Type[] =>
  type.isUnionType() || type.isIntersectionType() ? (type.getTypes() ?? []).flatMap(partsOf) : [type]

function exportsOf({ checker, program }: Project, path: string): readonly Symbol[] {
  const file = program.getSourceFile(path)
  const module = file && checker.getSymbolAtLocation(file)
  if (module === undefined) throw new Error(`${path} is no module of the project`)
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
}

function declaredOf(reading: Reading, symbol: Symbol): Declared {
  const { checker } = reading
  const [declaration] = declarationsOf(symbol)
  const body = declaration && functionOf(declaration)
  const result = resultOf(reading, symbol)
  if (declaration === undefined || body === undefined || result === undefined) {
    throw new Error(`tasks/index.ts exports ${symbol.name}, which is neither a resource's factory nor a task`)
  }
  const source = fileOf(reading, declaration)
  const kind = result.getSymbol()?.name === 'Promise' ? 'task' : 'resource'
  const parameters = body.parameters.slice(kind === 'task' ? 1 : 0).map((node) => parameterOf(reading, node))
  const [given] = checker.getTypeArguments(result)
  const gives = given === undefined ? [] : membersOf(reading, given).filter(({ name }) => name !== 'changed')
  const { text, examples, throws } = comment(checker, symbol)
  const types = namedTypes(
    reading,
    new Set(parameters.flatMap(({ members, type }) => (members.length > 0 ? type : []))),
  )
  return {
    name: symbol.name,
    kind,
    folder: source.split('/')[1] ?? '',
    source,
    text,
    examples,
    throws,
    parameters,
    gives,
    types,
  }
}

/** The function whose parameters users give: the factory itself, or the body that `task` was given. */
function functionOf(declaration: Node): ArrowFunction | FunctionDeclaration | undefined {
  if (isFunctionDeclaration(declaration)) return declaration
  const value = isVariableDeclaration(declaration) ? declaration.initializer : undefined
  if (value === undefined || isArrowFunction(value)) return value
  return isCallExpression(value) ? value.arguments.find(isArrowFunction) : undefined
}

/** What a call gives: `Resource<Out>`, or a Promise of a task's result. */
function resultOf({ checker }: Reading, symbol: Symbol): TypeReference | undefined {
  const type = checker.getTypeOfSymbol(symbol)
  const [signature] = type === undefined ? [] : checker.getSignaturesOfType(type, SignatureKind.Call)
  const result = signature && checker.getReturnTypeOfSignature(signature)
  return result?.isTypeReference() ? result : undefined
}

function parameterOf(
  reading: Reading,
  { name, type: node, initializer, questionToken }: ParameterDeclaration,
): Parameter {
  if (node === undefined) throw new Error(`${fileOf(reading, name)}: the parameter ${name.getText()} has no type`)
  const type = reading.checker.getTypeFromTypeNode(node)
  meet(reading, node)
  // An object of options, and no Map or list of such.
  const isOptions = isTypeReferenceNode(node) && reading.met.has(node.typeName.getText())
  const members = type !== undefined && isOptions ? membersOf(reading, type) : []
  const symbol = type?.getAliasSymbol() ?? type?.getSymbol()
  return {
    // Options that are taken apart at once have no name.
    name: isIdentifier(name) ? name.text : 'options',
    type: typeText(node),
    optional: initializer !== undefined || questionToken !== undefined,
    text: members.length > 0 && symbol !== undefined ? onOneLine(comment(reading.checker, symbol).text) : '',
    whenLeftOut: undefined,
    members,
  }
}
