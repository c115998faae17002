import type { Change } from '../../runner/model/change.ts'
import type { Resource } from '../../runner/model/resource.ts'
import type { PlaceName } from './place.ts'

/** What every resource has to hold; the letters are the table's columns. */
export const properties = {
  a: 'check mode writes nothing',
  b: 'what is certain is made, and nothing is made that was not foreseen',
  c: 'a second run changes nothing',
  d: 'killed at any command, the next run finishes',
  e: 'absent undoes present',
  f: 'hostile values survive, or are refused before anything is asked',
  g: 'drift by hand is seen as exactly that change',
  h: 'round trips: 1 unchanged, 2 changed',
} as const

export type Property = keyof typeof properties

export interface Drift {
  /** Shell text that does by hand what somebody might. */
  readonly by: string
  /** What then differs, and nothing else. */
  readonly sees: readonly Change[]
}

export interface Hostile {
  /** Builds the resource; it may refuse the value by a TsplayError OPTIONS. */
  readonly make: (value: string) => Resource
  readonly values: readonly string[]
  /** Shell text that prints what came of the value, and what it is to print. */
  readonly reads?: (value: string) => string
  readonly gives?: (value: string) => string
  /** What the host says where it, and no check of ours, refuses the value. */
  readonly refusal?: RegExp
  /** By hand, after each value. */
  readonly reset?: string
}

/** One way to use a resource, with all that the properties need to be tried on it. */
export interface Case {
  readonly name: string
  /** By hand, before it: what the resource needs, and what differs. */
  readonly prepare?: string
  readonly make: () => Resource
  readonly drifts?: readonly Drift[]
  /** The resource that takes back what `make` does. */
  readonly undo?: () => Resource
  /** Paths that `undo` may leave otherwise than they were. */
  readonly leaves?: RegExp
  /** Paths at which something else is after each run: an identity made at random, a time of day. */
  readonly varies?: RegExp
  /** Shell text that prints what is the same there after each run all the same: what a database of binary pages holds. */
  readonly holds?: string
  /** By hand, after it: back to what was before `prepare`. */
  readonly reset: string
  /** By what option. */
  readonly hostile?: Readonly<Record<string, Hostile>>
  /** Where changed operations cost more than two round trips, how many, and why: large contents travel ahead. */
  readonly changedTrips?: number
  /** Whether `make` runs again in each run: nothing to be compared then. */
  readonly not?: Partial<Record<Property, string>>
  /** Where the case is not tried, and why. */
  readonly notOn?: Partial<Record<PlaceName, string>>
  /** Where it can't work: the error that says so. */
  readonly refusedOn?: Partial<Record<PlaceName, RegExp>>
}

/** A resource's place in the table. */
export interface Row {
  /** As it is exported from tasks. */
  readonly resource: string
  /** Where it is tried: with another package manager only what packages have to do with. @default busybox and debian */
  readonly places?: readonly PlaceName[]
  /** Why it is tried by `npm run test:resources` alone, and not by the tests of every day. */
  readonly slow?: string
  readonly cases: readonly Case[]
}
