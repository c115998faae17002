import { TsplayError } from '../errors.ts'

/** The error for an answer that can't be read; `what` is what was asked about: `user deploy`. */
export const unclear = (what: string, raw: string): TsplayError =>
  new TsplayError('COMMAND', `${what}: the host's answer makes no sense: ${JSON.stringify(raw.slice(0, 200))}`)
