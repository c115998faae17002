import { TsplayError } from '../runner/model/errors.ts'
import { printable } from './printable.ts'
import type { ShapeEntry, ShapeNode } from './shape-node.ts'

/** A value that a TypeScript module exports as a {@link ShapeNode}; errors name the path to the value. */
export class ObjectShape implements ShapeNode {
  readonly #file: string
  readonly #path: string
  readonly #value: unknown
  readonly kind: ShapeNode['kind']

  constructor(file: string, value: unknown, path = '') {
    this.#file = file
    this.#path = path
    this.#value = value
    this.kind = kindOf(value)
  }

  entries(): ShapeEntry[] {
    if (typeof this.#value !== 'object' || this.#value === null) return []
    return Object.entries(this.#value).map(([key, value]) => {
      const path =
        this.#path + (/^[A-Za-z_$][\w$]*$/.test(key) ? `${this.#path && '.'}${key}` : `[${JSON.stringify(key)}]`)
      const node = new ObjectShape(this.#file, value, path)
      return { key, node, origin: { file: this.#file }, error: (message, hint) => node.error(message, hint) }
    })
  }

  value(): unknown {
    return this.#value
  }

  error(message: string, hint?: string): TsplayError {
    const path = this.#path && ` ${this.#path}:`
    return new TsplayError(
      'INVENTORY',
      printable(`${this.#file}:${path} ${message}`),
      hint === undefined ? {} : { hint },
    )
  }
}

function kindOf(value: unknown): ShapeNode['kind'] {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value !== 'object') return 'other'
  const prototype: unknown = Object.getPrototypeOf(value)
  // A module that was loaded apart has an Object.prototype of its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null ? 'map' : 'other'
}
