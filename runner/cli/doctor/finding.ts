/** One thing that was looked at. */
export interface Finding {
  readonly what: string
  readonly found: string
  /** What to do about it; undefined where all is well. */
  readonly remedy?: string
  /** Whether tsplay can't work with it; others only cost something. @default false */
  readonly fatal?: boolean
}
