import { createHash } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder } from './cache.ts'

type Stamps = Readonly<Record<string, string>>

/** Whether a check by this key ended well, and every file that it read is still the same. */
export async function checkedBefore(key: readonly string[]): Promise<boolean> {
  const text = await readFile(recordOf(key), 'utf8').catch(() => undefined)
  if (text === undefined) return false
  const stamps = JSON.parse(text) as Stamps
  const same = await Promise.all(Object.entries(stamps).map(async ([file, stamp]) => (await stampOf(file)) === stamp))
  return same.every(Boolean)
}

/** Remembers that a check of these files ended well. A folder that can't be written only costs time. */
export async function rememberChecked(key: readonly string[], files: readonly string[]): Promise<void> {
  const stamps = await Promise.all(files.map(async (file) => [file, await stampOf(file)] as const))
  const record = recordOf(key)
  await mkdir(dirname(record), { recursive: true, mode: 0o700 })
    .then(() => writeFile(record, JSON.stringify(Object.fromEntries(stamps)), { mode: 0o600 }))
    .catch(() => {})
}

const recordOf = (key: readonly string[]) => join(cacheFolder(), 'types', `${digest(key.join('\0'))}.json`)

const digest = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')

/** The user's files by content; packages, which are many and large, by size and time. */
async function stampOf(file: string): Promise<string> {
  try {
    if (!file.includes('/node_modules/')) return digest(await readFile(file))
    const { size, mtimeMs } = await stat(file)
    return `${size} ${mtimeMs}`
  } catch {
    return 'gone'
  }
}
