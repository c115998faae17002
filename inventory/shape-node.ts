import type { TsplayError } from '../runner/model/errors.ts'
import type { Origin } from './inventory.ts'

export interface ShapeEntry {
  readonly key: string
  readonly node: ShapeNode
  /** Where the key is written. */
  readonly origin: Origin
  /** An error that points at the key. */
  error(message: string, hint?: string): TsplayError
}

/** A value of an inventory file or module, with what is needed to speak of it in an error. */
export interface ShapeNode {
  readonly kind: 'map' | 'list' | 'text' | 'number' | 'boolean' | 'null' | 'other'
  /** The entries of a map, merge keys resolved; throws on a key that is no text and on one that is there twice. */
  entries(): ShapeEntry[]
  /** Whether it comes from a file that was encrypted: what a variable gets from it is to be a Secret. */
  readonly isSecret?: boolean
  /** The value as plain data. */
  value(): unknown
  /** An error that points at the value. */
  error(message: string, hint?: string): TsplayError
}

const names = {
  map: 'a mapping',
  list: 'a list',
  text: 'text',
  number: 'a number',
  boolean: 'a boolean',
  null: 'nothing',
  other: 'something else',
} as const

/** What a node is, for people: `a list`. */
export const kindName = (node: ShapeNode): string => names[node.kind]
