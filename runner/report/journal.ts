import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from '../engine/events.ts'
import { eventLine } from './json.ts'

export interface JournalOptions {
  /** The folder of all records: `.tsplay`. Made with mode 0700, and ignored by git, when it is first needed. */
  readonly folder: string
  /** How many runs are kept, the newest ones. @default 50 */
  readonly keep?: number
  /** Told once when the disk fails; the run goes on without a journal. */
  readonly warn: (message: string) => void
}

export interface Journal {
  /** Takes an event. It is on its way to the disk 200 ms later at most. */
  emit(event: Event): void
  /** Writes what is left, now: also in the last moment of a process. */
  flush(): void
  /** Settles when everything is written and old runs are gone. */
  close(): Promise<void>
}

const flushMs = 200
/** So much is never held back: a crash that runs no handler loses less than this. */
const flushBytes = 256 * 1024

/** Where the journal of a run lies. */
export const journalFolder = (folder: string, runId: string): string =>
  join(folder, 'runs', runId.replaceAll(/[^\w.-]|^\.+/g, '_'))

/**
 * Writes a run's events as NDJSON into `runs/<runId>/events.ndjson` (0600) as they come. The first line is the event
 * `run-started`: what, by whom, on which commit. Writes are synchronous, so that a crash loses nothing that was flushed.
 */
export function openJournal({ folder, keep = 50, warn }: JournalOptions): Journal {
  let file: number | undefined
  let failed = false
  let pending: string[] = []
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  let pruning: Promise<void> | undefined

  const guarded = (act: () => void) => {
    if (failed) return
    try {
      act()
    } catch (error) {
      failed = true
      pending = []
      warn(
        `the journal can not be written, the run goes on without it: ${error instanceof Error ? error.message : 'unknown'}`,
      )
    }
  }
  const flush = () =>
    guarded(() => {
      clearTimeout(timer)
      timer = undefined
      if (file === undefined || pending.length === 0) return
      const data = Buffer.from(pending.join(''))
      pending = []
      bytes = 0
      for (let written = 0; written < data.length;) written += writeSync(file, data, written)
    })
  const open = (runId: string) =>
    guarded(() => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      ignore(folder)
      const run = journalFolder(folder, runId)
      mkdirSync(run, { recursive: true, mode: 0o700 })
      // Exclusive: what another run wrote is never continued, and no link is followed.
      file = openSync(join(run, 'events.ndjson'), 'ax', 0o600)
      pruning = prune(join(folder, 'runs'), keep)
    })
  process.on('exit', flush)
  return {
    emit(event) {
      if (failed) return
      const line = eventLine(event)
      if (event.type === 'run-started') {
        open(event.runId)
        pending.unshift(line)
      } else pending.push(line)
      bytes += line.length
      if (bytes >= flushBytes || event.type === 'run-finished') flush()
      else timer ??= setTimeout(flush, flushMs).unref()
    },
    flush,
    async close() {
      flush()
      clearTimeout(timer)
      process.off('exit', flush)
      const open = file
      file = undefined
      if (open !== undefined) guarded(() => closeSync(open))
      await pruning
    },
  }
}

/** A folder that ignores itself needs no line in the user's own .gitignore. */
function ignore(folder: string): void {
  try {
    writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Removes all but the newest runs. Whatever can't be removed stays; that is no reason to disturb a run. */
async function prune(folder: string, keep: number): Promise<void> {
  try {
    const runs: { readonly path: string; readonly changed: number }[] = []
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue
      const path = join(folder, entry.name)
      runs.push({ path, changed: (await stat(path)).mtimeMs })
    }
    runs.sort((a, b) => b.changed - a.changed)
    for (const { path } of runs.slice(keep)) await rm(path, { recursive: true, force: true })
  } catch {
    // Another run may be pruning at the same time.
  }
}
