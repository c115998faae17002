import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** `$XDG_CACHE_HOME/tsplay` or `~/.cache/tsplay`: what is in it can be made again at any time. */
export function cacheFolder(): string {
  const set = process.env['XDG_CACHE_HOME']
  return join(set !== undefined && isAbsolute(set) ? set : join(homedir(), '.cache'), 'tsplay')
}

/** What was kept under a name; else makes it and keeps it. */
export function cached(name: string, make: () => string): string {
  try {
    return readFileSync(join(cacheFolder(), name), 'utf8')
  } catch {
    const made = make()
    keep(name, made)
    return made
  }
}

/** Keeps a text under a name, at once or not at all. A folder that can't be written only costs time. */
export function keep(name: string, text: string): void {
  const file = join(cacheFolder(), name)
  const temporary = `${file}.${randomUUID()}`
  try {
    // Ours alone: code is run from here.
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(temporary, text, { mode: 0o600 })
    renameSync(temporary, file)
  } catch {
    // A read-only home is common in CI.
  }
}
