import type { Target } from '../../transport/target.ts'

/**
 * What is locked on a host: a path, `''` for the usual place, `undefined` for nothing. This machine itself is not locked
 * unasked: runs that have little to do with each other do small things on it.
 */
export function lockPath({ lock, transport }: Target): string | undefined {
  if (lock === undefined) return transport === 'local' ? undefined : ''
  return lock === false ? undefined : lock
}
