import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { enableCompileCache } from './newer-node.ts'

/** Lets Node keep what it compiles of this program from one start to the next, which is a good part of a short command. */
export function keepCompiled(): void {
  if (enableCompileCache === undefined) return
  const folder = join(cacheFolder(), 'compiled')
  try {
    // Ours alone: code is run from here.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    enableCompileCache(folder)
  } catch {
    // A read-only home is common in CI.
  }
}
