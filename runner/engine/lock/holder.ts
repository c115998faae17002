import { hostname, userInfo } from 'node:os'
import type { LockHolder } from './keeper.ts'

const word = (text: string) => text.replaceAll(/[^\w.-]/g, '_')

/** This run, as the holder of locks. */
export const lockHolder = (run: string): LockHolder => ({
  run,
  who: `${word(userInfo().username)}@${word(hostname())}`,
  since: new Date().toISOString().replace(/\.\d+/, ''),
})
