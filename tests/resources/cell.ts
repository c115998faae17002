import type { PlaceName } from './place.ts'
import type { Property } from './row.ts'

/** What came of a property of a resource on a place. */
export interface Cell {
  readonly resource: string
  readonly place: PlaceName
  readonly property: Property
  /** How often it was found to hold. */
  held: number
  /** Where it was found not to. */
  readonly failures: string[]
  /** Why it could not be tried. */
  readonly reasons: Set<string>
}

/** The cells of a run, made when they are first spoken of. */
export class Cells {
  readonly #cells = new Map<string, Cell>()

  at(resource: string, place: PlaceName, property: Property): Cell {
    const key = `${resource} ${place} ${property}`
    const known = this.#cells.get(key)
    if (known) return known
    const cell: Cell = { resource, place, property, held: 0, failures: [], reasons: new Set() }
    this.#cells.set(key, cell)
    return cell
  }

  get all(): readonly Cell[] {
    return [...this.#cells.values()]
  }

  get failures(): readonly string[] {
    return this.all.flatMap(failuresOf)
  }

  failuresOn(name: PlaceName): readonly string[] {
    return this.all.filter(({ place }) => place === name).flatMap(failuresOf)
  }
}

const failuresOf = ({ resource, place, property, failures }: Cell): string[] =>
  failures.map((failure) => `${resource} on ${place}, (${property}) ${failure}`)
