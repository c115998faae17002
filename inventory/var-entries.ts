import { kindName } from './shape-node.ts'
import type { ShapeEntry } from './shape-node.ts'
import type { SourceText } from './source-text.ts'
import { readYaml } from './yaml-shape.ts'

/** The variables of a file that holds nothing else, YAML or JSON. Throws `INVENTORY` where it is no mapping. */
export function varEntries(source: SourceText): readonly ShapeEntry[] {
  const root = readYaml(source)
  if (!root) return []
  if (root.kind === 'map') return root.entries()
  throw root.error(
    `variables are a mapping of names and values; this is ${kindName(root)}`,
    'Write one variable per line: name: value',
  )
}
