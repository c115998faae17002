import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { ShapeEntry, ShapeNode } from './shape-node.ts'
import type { SourceText } from './source-text.ts'
import { offsetOf, YamlDocument } from './yaml-document.ts'
import { fastShape } from './yaml-fast.ts'

/** The root of a YAML text, read the fast way where that can be; `undefined` where the text holds nothing. Throws `INVENTORY`. */
export const readYaml = (source: SourceText): ShapeNode | undefined =>
  fastShape(source) ?? yamlShape(new YamlDocument(source))

/** The root of a YAML file as a {@link ShapeNode}; `undefined` where the file holds nothing. */
export const yamlShape = (document: YamlDocument): ShapeNode | undefined =>
  document.root && !(isScalar(document.root) && document.root.value === null)
    ? new YamlShape(document, document.resolve(document.root), offsetOf(document.root))
    : undefined

class YamlShape implements ShapeNode {
  readonly #document: YamlDocument
  readonly #node: Node | null
  /** Of the key, for a value that is not written at all. */
  readonly #keyOffset: number
  readonly kind: ShapeNode['kind']
  readonly isSecret: boolean

  constructor(document: YamlDocument, node: Node | null, keyOffset: number) {
    this.#document = document
    this.#node = node
    this.#keyOffset = keyOffset
    this.kind = kindOf(node)
    this.isSecret = document.source.isSecret
  }

  entries(): ShapeEntry[] {
    if (!isMap(this.#node)) return []
    const { source } = this.#document
    return this.#document.entries(this.#node).map(({ key, offset, node }) => ({
      key,
      origin: source.origin(offset),
      node: new YamlShape(this.#document, node, offset),
      error: (message, hint) => source.error(offset, message, hint),
    }))
  }

  value(): unknown {
    return this.#document.value(this.#node)
  }

  error(message: string, hint?: string) {
    const offset = this.#node?.range ? offsetOf(this.#node) : this.#keyOffset
    return this.#document.source.error(offset, message, hint)
  }
}

function kindOf(node: Node | null): ShapeNode['kind'] {
  if (node === null) return 'null'
  if (isMap(node)) return 'map'
  if (isSeq(node)) return 'list'
  if (!isScalar(node) || node.value === null) return 'null'
  const type = typeof node.value
  return type === 'string' ? 'text' : type === 'number' || type === 'boolean' ? type : 'other'
}
