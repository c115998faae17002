import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { offsetOf } from './yaml-document.ts'
import type { YamlDocument } from './yaml-document.ts'

/** Every value of a document by the offset of its key. */
export function valuesByKey(document: YamlDocument): Map<number, Node | null> {
  const values = new Map<number, Node | null>()
  const waiting: (Node | null)[] = [document.root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isSeq(node)) for (const item of node.items) waiting.push(item as Node | null)
    if (!isMap(node)) continue
    for (const pair of node.items) {
      if (isScalar(pair.key)) values.set(offsetOf(pair.key), pair.value as Node | null)
      waiting.push(pair.value as Node | null)
    }
  }
  return values
}

/** Where the value of the key at an offset begins; `undefined` where nothing is written. */
export const valueOfKey = (document: YamlDocument, keyOffset: number): number | undefined =>
  valuesByKey(document).get(keyOffset)?.range?.[0]
