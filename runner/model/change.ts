/** One difference between a host and what was asked, as data. Reports, journals and predictions are made of these. */
export interface Change {
  /** What differs: `content`, `mode`, `version`, `running` … */
  readonly field: string
  /** As found; `undefined` where there was nothing. */
  readonly before: unknown
  /** As asked; `undefined` where nothing is to be. */
  readonly after: unknown
  /** Whole texts on both sides, to be shown as a line diff. */
  readonly text?: true
  /** Neither side may be shown or stored (a secret, or a file that group and others may not read). */
  readonly restricted?: true
}
