import type { Emit } from '../engine/events.ts'
import { openJournal } from './journal.ts'
import { eventLine } from './json.ts'
import { createLines } from './lines.ts'
import { createLive } from './live.ts'
import { canRedraw, createPalette, wantsColour } from './palette.ts'
import { createWriter, type OutputStream } from './streams.ts'

export interface ReportOptions {
  /** `auto`: rows that are redrawn on a terminal, lines elsewhere. `live` on what is no terminal gives lines too. */
  readonly output: 'auto' | 'live' | 'lines' | 'json'
  /** Show each change in full. */
  readonly diff: boolean
  /** How often `-v` was given: 1 for commands and unchanged operations, 2 for output and connections. */
  readonly verbosity: number
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** `NO_COLOR`, `FORCE_COLOR`, `CI` and `TERM` are read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the record of the run is kept: `{ folder: '.tsplay' }`. */
  readonly journal?: { readonly folder: string }
}

export interface Report {
  readonly emit: Emit
  /** Keeps rows as they are while a question stands below them. `undefined` where nothing is redrawn. */
  readonly hold: ((asking: boolean) => void) | undefined
  /** Settles when all is shown and written, and the terminal is as it was. To be called on every way out. */
  close(): Promise<void>
}

/** What a run looks like, to people and to programs: one view on standard output, and the journal. */
export function createReport(options: ReportOptions): Report {
  const view = createView(options)
  const journal = options.journal && openJournal({ ...options.journal, warn: view.warn })
  let broken = false
  return {
    hold: view.hold,
    emit(event) {
      journal?.emit(event)
      // An event that can't be shown is a bug here, and no reason to leave hosts half-way.
      try {
        view.emit(event)
      } catch (error) {
        if (!broken) view.warn(`an event of type ${event.type} could not be shown: ${String(error)}`)
        broken = true
      }
    },
    async close() {
      try {
        await view.close()
      } finally {
        await journal?.close()
      }
    },
  }
}

interface View extends Report {
  /** A warning of the report's own. Not on standard output where that is for programs. */
  readonly warn: (message: string) => void
}

function createView({ output, diff, verbosity, stdout, stderr, env }: ReportOptions): View {
  const palette = createPalette(wantsColour(stdout, env))
  const warn = (message: string) => void stderr.write(`warning: ${message}\n`)
  if (output === 'json') {
    const writer = createWriter(stdout)
    return { emit: (event) => writer.write(eventLine(event)), hold: undefined, close: () => writer.close(), warn }
  }
  if (output !== 'lines' && canRedraw(stdout, output === 'live' ? { ...env, CI: undefined } : env)) {
    return { ...createLive({ stdout, stderr, palette, diff, verbosity }), warn }
  }
  const writer = createWriter(stdout)
  const lines = createLines({ writer, palette, diff, verbosity })
  return {
    emit: lines.emit,
    hold: undefined,
    async close() {
      lines.close()
      await writer.close()
    },
    warn,
  }
}
