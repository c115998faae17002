import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** `$XDG_CACHE_HOME/tsplay` or `~/.cache/tsplay`: what is in it can be made again at any time. */
export function cacheFolder(): string {
  const set = process.env['XDG_CACHE_HOME']
  return join(set !== undefined && isAbsolute(set) ? set : join(homedir(), '.cache'), 'tsplay')
}

/** What was kept under a name; else makes it and keeps it. */
export async function cached(name: string, make: () => Promise<string>): Promise<string> {
  const known = await readFile(join(cacheFolder(), name), 'utf8').catch(() => undefined)
  if (known !== undefined) return known
  const made = await make()
  await keep(name, made)
  return made
}

/** Keeps a text under a name, at once or not at all. A folder that can't be written only costs time. */
export async function keep(name: string, text: string): Promise<void> {
  const file = join(cacheFolder(), name)
  const temporary = `${file}.${randomUUID()}`
  try {
    // Ours alone: code is run from here.
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, file)
  } catch {
    // A read-only home is common in CI.
  }
}
