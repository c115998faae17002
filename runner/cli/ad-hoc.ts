import { join } from 'node:path'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isConnectionVar } from '../../inventory/connection-names.ts'
import type { Event, RunFinished } from '../engine/events.ts'
import type { PlaybookDefinition } from '../model/playbook.ts'
import { failureLines, groupFailures } from '../report/error.ts'
import { createPalette, wantsColour } from '../report/palette.ts'
import { createWriter } from '../report/streams.ts'
import { journalFolder, openJournal } from '../report/journal.ts'
import { eventLine } from '../report/json.ts'
import type { Console } from './console.ts'
import { resolveLimit } from './limit.ts'
import { openInventory } from './open-inventory.ts'
import { journalRoot } from './open-report.ts'
import { openRun } from './open-run.ts'
import type { ConnectionOptions, HostOptions, OutputOptions } from './options.ts'

export interface AdHocOptions extends HostOptions, ConnectionOptions, OutputOptions {}

/** Lines of an ad-hoc command's own output. */
export interface Lines {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  write(line: string): void
}

export interface AdHocShow {
  readonly onEvent?: (event: Event, lines: Lines) => void
  readonly onEnd?: (lines: Lines) => void
  /** Whether a record is kept, as of every run that may change something. @default false */
  readonly journal?: boolean
}

/** Apart from the runs of playbooks: `--limit @failed` means the last of those. */
const adHocRoot = join(journalRoot, 'ad-hoc')

/** Hands on no variable. */
export const noVars: StandardSchemaV1 = {
  '~standard': { version: 1, vendor: 'tsplay', validate: () => ({ value: {} }) },
}

/**
 * Runs a playbook that was made in memory, and shows what `show` says of it instead of plays and operations: failures are
 * shown the same for all. With `--output json` the events are given as they are, and `show` is not asked.
 */
export async function runAdHoc(
  playbook: PlaybookDefinition,
  options: AdHocOptions,
  console: Console,
  show: AdHocShow,
): Promise<RunFinished> {
  const limit = await resolveLimit(options.limit, console.cwd)
  await using opened = await openInventory(options, console)
  const out = createWriter(console.stdout)
  const palette = createPalette(wantsColour(console.stdout, console.env))
  const lines: Lines = { bold: palette.bold, dim: palette.dim, write: (line) => out.write(`${line}\n`) }
  const json = options.output === 'json'
  const warn = (message: string) => void console.stderr.write(`warning: ${message}\n`)
  const journal = show.journal ? openJournal({ folder: join(console.cwd, adHocRoot), warn }) : undefined
  const failures: Parameters<typeof groupFailures>[0][number][] = []
  try {
    const finished = await openRun(
      {
        // Nothing reads the hosts' variables: secrets among them need not be got, but for those of the connection.
        playbook: { ...playbook, vars: noVars },
        wantsSecret: isConnectionVar,
        file: playbook.name,
        opened,
        connection: options,
        check: false,
        ...(limit === undefined ? {} : { limit }),
        ...(journal === undefined ? {} : { journalOf: (runId) => journalFolder(adHocRoot, runId) }),
        emit(event) {
          journal?.emit(event)
          if (json) return out.write(eventLine(event))
          if (event.type === 'host-finished' && (event.status === 'failed' || event.status === 'unreachable')) {
            const { host, play, status, reason, error } = event
            failures.push({ host, play, status, reason, error })
          } else if (event.type === 'notice' || event.type === 'stopping') console.stderr.write(`${event.message}\n`)
          else show.onEvent?.(event, lines)
        },
      },
      console,
    )
    if (json) return finished
    show.onEnd?.(lines)
    for (const group of groupFailures(failures)) for (const line of failureLines(group, palette)) lines.write(line)
    return finished
  } finally {
    try {
      await out.close()
    } finally {
      await journal?.close()
    }
  }
}
