import type { Inventory } from './inventory.ts'
import type { SourceText } from './source-text.ts'

const texts = new WeakMap<Inventory, ReadonlyMap<string, SourceText>>()

/** Keeps the texts that an inventory was read from, so that later errors can show their lines. */
export function rememberSources(inventory: Inventory, sources: ReadonlyMap<string, SourceText>): Inventory {
  texts.set(inventory, sources)
  return inventory
}

/** The text of one of the inventory's files; `undefined` for modules and the command line. */
export const sourceOf = (inventory: Inventory, file: string): SourceText | undefined => texts.get(inventory)?.get(file)
