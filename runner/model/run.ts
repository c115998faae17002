/** The run that a host's body belongs to. */
export interface Run {
  readonly id: string
  /** True when nothing may be changed, on hosts or elsewhere. */
  readonly check: boolean
  /** Names of the hosts that a pattern selects on the whole inventory: `workers:!w3`. */
  hosts(pattern: string): readonly string[]
  /** Something that acts outside the hosts (a DNS entry, a ticket). Not done in check mode, where its result is unknown. */
  effect<T>(name: string, act: () => Promise<T>): Promise<T>
  /** Does something once in the whole run, whichever host comes first; the others get the same result, or its failure. */
  once<T>(name: string, act: () => Promise<T>): Promise<T>
}
