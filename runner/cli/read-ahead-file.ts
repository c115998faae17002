import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BodyRecord } from '../engine/read-ahead/record.ts'
import type { RecordStore } from '../engine/read-ahead/recall.ts'
import { cacheFolder, keep } from './cache.ts'

const folder = 'read-ahead'
/** What is kept of one playbook, in characters; of the hosts that came latest. */
const sizeLimit = 8 << 20
const dayMs = 24 * 60 * 60_000
const keptMs = 60 * dayMs

/** What a playbook asked of its hosts in the last run. */
export interface ReadAheadFile extends RecordStore {
  /** Keeps what this run has learnt. Never rejects. */
  save(): Promise<void>
}

/**
 * Opens the file of a playbook in the user's own cache. A line is for the bodies that asked the same: their plays and
 * hosts, a tab, and the questions. It is only read as data, and whatever is wrong with it costs time and nothing else.
 */
export async function openReadAheadFile(playbook: string): Promise<ReadAheadFile> {
  const name = join(folder, createHash('sha256').update(resolve(playbook)).digest('hex').slice(0, 32))
  const records = await readRecords(join(cacheFolder(), name))
  let changed = false
  return {
    last(play, host) {
      const text = records.get(keyOf(play, host))
      return text === undefined ? undefined : parsed(text)
    },
    keep(play, host, record: BodyRecord) {
      const key = keyOf(play, host)
      const text = JSON.stringify(record)
      if (records.get(key) === text) return
      changed = true
      // The latest come last.
      records.delete(key)
      records.set(key, text)
    },
    async save() {
      if (!changed) return touch(join(cacheFolder(), name))
      keep(name, textOf(records))
      await forgetOld()
    },
  }
}

const keyOf = (play: string, host: string) => JSON.stringify([play, host])

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readRecords(file: string): Promise<Map<string, string>> {
  const records = new Map<string, string>()
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size === 0 || size > 4 * sizeLimit) return records
  const text = await readFile(file, 'utf8').catch(() => '')
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t')
    const bodies = tab < 0 ? undefined : parsed(line.slice(0, tab))
    if (!Array.isArray(bodies)) continue
    for (const body of bodies) records.set(JSON.stringify(body), line.slice(tab + 1))
  }
  return records
}

function textOf(records: ReadonlyMap<string, string>): string {
  const bodies = new Map<string, string[]>()
  let room = sizeLimit
  for (const [key, text] of [...records].toReversed()) {
    const known = bodies.get(text)
    room -= key.length + (known === undefined ? text.length : 0)
    if (room < 0) break
    bodies.set(text, [...(known ?? []), key])
  }
  return [...bodies]
    .map(([text, keys]) => `[${keys.toReversed().join()}]\t${text}\n`)
    .toReversed()
    .join('')
}

/** So that what is used is not taken for forgotten. */
async function touch(file: string): Promise<void> {
  const now = new Date()
  const found = await stat(file).catch(() => undefined)
  if (found !== undefined && now.getTime() - found.mtimeMs > dayMs) await utimes(file, now, now).catch(() => {})
}

async function forgetOld(): Promise<void> {
  const all = join(cacheFolder(), folder)
  for (const name of await readdir(all).catch(() => [])) {
    const found = await stat(join(all, name)).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > keptMs) await rm(join(all, name), { force: true })
  }
}
