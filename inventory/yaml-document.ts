import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import type { TsplayError } from '../runner/model/errors.ts'
import { mostYamlLevels } from '../runner/model/yaml-documents.ts'
import type { SourceText } from './source-text.ts'
import { collectionTags, scalarTags } from './yaml-scalars.ts'
import { braces, syntaxError, yamlDocument } from './yaml-syntax.ts'

/** More nodes than this, with every alias counted as what it stands for, is taken for an attack or a mistake. */
const mostNodes = 2_000_000

/** A parsed file with its anchors, which stays with its text so that every node has a place. */
export class YamlDocument {
  readonly source: SourceText
  readonly root: Node | null
  readonly #anchors = new Map<string, Node[]>()
  #budget = mostNodes

  /** Throws an `INVENTORY` error that points at the first syntax error. */
  constructor(source: SourceText) {
    this.source = source
    const document = yamlDocument(source, {
      schema: 'failsafe',
      customTags: (tags) => [...tags, ...scalarTags, ...collectionTags],
      resolveKnownTags: false,
      // Found by entries(), which knows both places; the library's own search is quadratic.
      uniqueKeys: false,
      logLevel: 'error',
    })
    const [warning] = document.warnings
    if (warning) throw syntaxError(source, warning)
    this.root = document.contents
    if (source.text.includes('&')) visit(this.root, { Node: (_, node) => this.#remember(node) })
  }

  #remember(node: Node): void {
    if (isAlias(node) || !node.anchor) return
    const known = this.#anchors.get(node.anchor)
    if (known) known.push(node)
    else this.#anchors.set(node.anchor, [node])
  }

  /** What an alias stands for; any other node is itself. */
  resolve(node: unknown, level = 0): Node | null {
    if (!isNode(node)) return null
    if (--this.#budget < 0) throw this.source.error(offsetOf(node), 'aliases make this file too large')
    if (!isAlias(node)) return node
    const found = this.#anchors.get(node.source)?.findLast((anchored) => offsetOf(anchored) < offsetOf(node))
    if (!found) throw this.source.error(offsetOf(node), `nothing above is marked &${node.source}`)
    if (level > mostYamlLevels) throw this.#tooDeep(offsetOf(node))
    return this.resolve(found, level + 1)
  }

  /**
   * The entries of a map with `<<` resolved: own keys win. Throws on duplicate keys, and on keys that are no text unless
   * `anyScalar` lets a number, a boolean or nothing be one: in a value, `80: http` is as good as `"80": http`.
   */
  entries(map: YAMLMap, level = 0, anyScalar = false): YamlEntry[] {
    if (level > mostYamlLevels) throw this.#tooDeep(offsetOf(map))
    const own = new Map<string, YamlEntry>()
    const merged = new Map<string, YamlEntry>()
    for (const pair of map.items) {
      const keyNode = this.resolve(pair.key) ?? map
      const node = this.resolve(pair.value)
      if (isScalar(keyNode) && keyNode.value === '<<' && keyNode.type === 'PLAIN') {
        for (const entry of this.#mergeSource(node, keyNode, level + 1, anyScalar)) {
          if (!merged.has(entry.key)) merged.set(entry.key, entry)
        }
        continue
      }
      const key = this.#key(keyNode, anyScalar)
      const offset = offsetOf(isNode(pair.key) ? pair.key : map)
      const first = own.get(key)
      if (first) {
        const { line } = this.source.origin(first.offset)
        throw this.source.error(offset, `"${key}" is here twice: first in line ${line}`, 'Keep one of them.')
      }
      own.set(key, { key, offset, node })
    }
    if (merged.size === 0) return [...own.values()]
    for (const key of own.keys()) merged.delete(key)
    return [...merged.values(), ...own.values()]
  }

  #mergeSource(node: Node | null, at: Node, level: number, anyScalar: boolean): YamlEntry[] {
    if (isMap(node)) return this.entries(node, level, anyScalar)
    if (isSeq(node))
      return node.items.flatMap((item) => this.#mergeSource(this.resolve(item), at, level + 1, anyScalar))
    throw this.source.error(offsetOf(at), '"<<" takes a mapping or a list of mappings, such as *defaults')
  }

  #key(node: Node, anyScalar: boolean): string {
    if (isScalar(node)) {
      if (typeof node.value === 'string') return node.value
      if (anyScalar) return keyText(node)
      const text = node.source ?? ''
      const kind = node.value === null ? 'nothing' : `a ${typeof node.value}`
      throw this.source.error(
        offsetOf(node),
        `this key is ${kind} in YAML; names are text`,
        `Put it in quotes: "${text}".`,
      )
    }
    if (isMap(node) && this.source.text[offsetOf(node) - 1] === '{')
      throw this.source.error(offsetOf(node) - 1, ...braces)
    throw this.source.error(
      offsetOf(node),
      'a key must be a name, not a list or mapping',
      'Put it in quotes if it is a name.',
    )
  }

  /** A node as plain data. */
  value(node: Node | null, level = 0): unknown {
    if (node === null) return null
    if (level > mostYamlLevels) throw this.#tooDeep(offsetOf(node))
    if (isMap(node)) {
      return Object.fromEntries(
        this.entries(node, level, true).map(({ key, node: value }) => [key, this.value(value, level + 1)]),
      )
    }
    if (isSeq(node)) return node.items.map((item) => this.value(this.resolve(item), level + 1))
    if (!isScalar(node)) return null
    const { value } = node
    if (
      typeof value === 'number' &&
      Number.isInteger(value) &&
      !Number.isSafeInteger(value) &&
      !/[.e]/i.test(node.source ?? '')
    ) {
      throw this.source.error(offsetOf(node), 'this number is too large to be kept exactly', 'Put it in quotes.')
    }
    return value
  }

  #tooDeep(offset: number): TsplayError {
    return this.source.error(offset, `mappings and lists are nested more than ${mostYamlLevels} levels deep here`)
  }
}

export interface YamlEntry {
  readonly key: string
  /** Of the key. */
  readonly offset: number
  readonly node: Node | null
}

/** A key that is no text as JSON has it, and as Ansible shows it: `1.0` stays that. */
const keyText = ({ value, source = '' }: Scalar): string =>
  typeof value === 'number' && Number.isInteger(value) && source.includes('.') ? `${value}.0` : String(value)

/** Where a node begins. */
export const offsetOf = (node: Node | ParsedNode): number => node.range?.[0] ?? 0
