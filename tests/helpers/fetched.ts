import { homedir } from 'node:os'
import { join } from 'node:path'

/** A folder of the user's cache, where what tests fetch is kept for the next time. */
export const fetchedFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsplay-tests')
