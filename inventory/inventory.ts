import type { Origins } from './origins.ts'

/** Where a value was written. */
export interface Origin {
  readonly file: string
  /** From 1; absent where a value comes from code or the command line. */
  readonly line?: number
  readonly column?: number
}

export interface InventoryHost {
  readonly name: string
  /** Every group it is in, parents included, `all` first, then from far to near. */
  readonly groups: readonly string[]
  /** Variables as merged: `all`, parents, children, host, command line. Connection variables are among them. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Where each top-level variable's value comes from. */
  readonly origins: Origins
  /** Where the host itself is first named. */
  readonly origin: Origin
}

export interface InventoryGroup {
  readonly name: string
  /** Every host below it, children's included, in the order of the file. */
  readonly hosts: readonly string[]
  readonly children: readonly string[]
}

/** Which hosts there are, and what is known of them. Plain data; nothing here connects to anything. */
export interface Inventory {
  /** The file, `sandbox:3` or the like: for people. */
  readonly source: string
  readonly hosts: ReadonlyMap<string, InventoryHost>
  /** By name, `all` and `ungrouped` included. */
  readonly groups: ReadonlyMap<string, InventoryGroup>
}
