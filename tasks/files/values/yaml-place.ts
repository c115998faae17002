import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { TsplayError } from '../../../runner/model/errors.ts'
import { listIndex, wrongParent } from './json-values.ts'
import { shownPath } from './value-edit.ts'

/** A pair of a mapping, an item of a list, or all that a document holds: what can be replaced or taken out. */
export interface Slot {
  readonly parent: YAMLMap | YAMLSeq | undefined
  /** Its number in the parent. */
  readonly index: number
  /** `undefined` in an empty document. */
  readonly node: Node | undefined
}

/** Where a path leads to in a document: a slot, and the keys that are not there yet. */
export interface YamlPlace {
  readonly slot: Slot
  readonly missing: readonly string[]
}

/** Follows a path as far as it goes. `undefined` where nothing is to be made and something else is in the way. */
export function placeOf(
  what: string,
  root: Node | null | undefined,
  path: readonly string[],
  make: boolean,
): YamlPlace | undefined {
  let slot: Slot = { parent: undefined, index: 0, node: root ?? undefined }
  for (const [i, key] of path.entries()) {
    const { node } = slot
    const missing = path.slice(i)
    if (node === undefined || (isScalar(node) && node.value === null)) return { slot, missing }
    if (isMap(node)) {
      const index = (node.items as readonly Pair[]).findIndex(
        (pair) => isScalar(pair.key) && String(pair.key.value) === key,
      )
      if (index < 0) return { slot, missing }
      slot = { parent: node, index, node: (node.items[index]?.value as Node | null) ?? undefined }
    } else if (isSeq(node) && listIndex(key, node.items.length, make) !== undefined) {
      const index = Number(key)
      if (index === node.items.length) return { slot, missing }
      slot = { parent: node, index, node: node.items[index] as Node }
    } else if (!make) {
      return undefined
    } else if (isAlias(node)) {
      throw new TsplayError(
        'OPTIONS',
        `${what}: ${shownPath(path.slice(0, i))} is the alias *${node.source} in the file`,
        {
          hint: 'set what the alias stands for, or give the whole value',
        },
      )
    } else throw wrongParent(what, path.slice(0, i), key, isSeq(node))
  }
  return { slot, missing: [] }
}
