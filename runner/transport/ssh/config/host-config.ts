/** What `ssh -G` says of a host: values by lower-case keyword, in order. */
export type Answer = Readonly<Record<string, readonly string[]>>

/** What ssh's configuration says of one host. */
export interface HostConfig {
  readonly answer: Answer
  /** Where values were said, as `FILE line N`, by keyword; empty where ssh itself was asked. */
  readonly places: Readonly<Record<string, string>>
  /** The blocks that apply, as `FILE line N: what it names`; undefined where ssh itself was asked. */
  readonly applied: readonly string[] | undefined
  /** Why ssh itself was asked (`ssh -G`); undefined where it was not. */
  readonly asked: string | undefined
}

/** Where no file says anything. */
export const unconfigured: HostConfig = { answer: {}, places: {}, applied: [], asked: undefined }
