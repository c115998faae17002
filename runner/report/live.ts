import { DefaultRenderer, Listr, ListrDefaultRendererLogLevels as Icon, ListrLogger, ProcessOutput } from 'listr2'
import type { Emit } from '../engine/events.ts'
import { dispatch } from './consumer.ts'
import { eventLines, type LineOptions } from './event-lines.ts'
import { detailRows, playRow } from './live-rows.ts'
import { takeScreen } from './screen.ts'
import { createReducer, type PlayState } from './state.ts'
import type { OutputStream } from './streams.ts'
import { summaryLines } from './summary.ts'

export interface LiveOptions extends LineOptions {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
}

export interface Live {
  readonly emit: Emit
  /** Keeps the rows as they are, while a question stands below them. */
  hold(asking: boolean): void
  /** Settles when the last frame is drawn and the terminal is as it was. */
  close(): Promise<void>
}

const frameMs = 100
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** listr2 looks at `process.stdout` alone before it draws; which stream is a terminal was settled before. */
class Rows extends DefaultRenderer {
  static override nonTTY = true as never
}

const tint = (paint: (text: string) => string) => (text?: string) => paint(text ?? '')

/** Events whose lines stay on the screen above the rows; the rest is in the rows already, unless it was asked for. */
const staying = new Set(['run-started', 'notice', 'play-skipped', 'logged', 'stopping', 'effect-finished'])

/**
 * A run on a terminal. The play that runs is drawn by listr2, a view only, from the reduced state, ten times a second
 * whatever the number of events; one that has ended is one line that scrolls away, so no list outgrows the screen.
 */
export function createLive({ stdout, stderr, now = Date.now, ...options }: LiveOptions): Live {
  const { palette, diff, verbosity } = options
  const { state, reduce } = createReducer()
  const handlers = eventLines(options)
  const screen = takeScreen(stdout, stderr)
  const finishers = new Map<PlayState, () => void>()
  let frame = 0
  let held = false
  let redraw: (() => void) | undefined
  let tail = Promise.resolve()

  const timer = setInterval(() => {
    frame++
    if (!held) redraw?.()
  }, frameMs).unref()

  /** listr2 keeps two columns free and puts the icon before the title. */
  const columns = () => Math.max(20, (stdout.columns ?? 80) - 2)
  const finalRow = (play: PlayState) => playRow(play, now(), columns() - 2, palette)
  const rows = (play: PlayState) => {
    const space = { columns: columns() - 4, rows: Math.max(0, (stdout.rows ?? 24) - 3) }
    const below = detailRows(state, play, now(), space, palette).map((line) => `    ${line}`)
    return [finalRow(play), ...below].join('\n')
  }
  const isBad = (play: PlayState) => state.failures.some((failure) => failure.play === play.name)

  async function show(play: PlayState, finished: Promise<void>): Promise<void> {
    screen.draw(true)
    const task = {
      title: rows(play),
      task: async (_: unknown, row: { title: string }) => {
        redraw = () => {
          row.title = rows(play)
        }
        await finished
        redraw = undefined
        row.title = finalRow(play)
        // The only way to listr2's cross; what failed is told by the rows and by the summary.
        if (isBad(play)) throw new Error(play.name)
      },
    }
    const logger = new ListrLogger<Icon>({
      useIcons: true,
      // listr2 asks for a whole WriteStream, and uses what a Writable has.
      processOutput: new ProcessOutput(
        screen.stream as object as NodeJS.WriteStream,
        screen.stream as object as NodeJS.WriteStream,
      ),
    })
    await new Listr([task], {
      // Otherwise listr2 ends the process at the first Ctrl-C.
      registerSignalListeners: false,
      exitOnError: false,
      renderer: Rows,
      rendererOptions: {
        // One frame per title: listr2's own spinner would draw each tenth of a second beside ours.
        lazy: true,
        logger,
        indentation: 0,
        formatOutput: 'truncate',
        showErrorMessage: false,
        icon: { [Icon.PENDING]: () => spinner[frame % spinner.length] ?? '' },
        color: {
          [Icon.PENDING]: tint(palette.changed),
          [Icon.COMPLETED]: tint(palette.ok),
          [Icon.FAILED]: tint(palette.failed),
        },
      },
    }).run()
    screen.draw(false)
  }

  const begin = (play: PlayState) => {
    const finished = new Promise<void>((resolve) => finishers.set(play, resolve))
    // Without its rows a run is still to be told of, and the terminal to be given back.
    tail = tail
      .then(() => show(play, finished))
      .catch((error: unknown) => {
        redraw = undefined
        screen.draw(false)
        screen.print([`warning: the rows of this play can not be drawn: ${String(error)}`])
      })
  }
  const end = (play: PlayState) => {
    finishers.get(play)?.()
    finishers.delete(play)
  }

  return {
    hold(asking) {
      held = asking
    },
    emit(event) {
      const ended = event.type === 'play-finished' ? state.plays.get(event.play) : undefined
      reduce(event)
      if (event.type === 'play-started' && state.current) begin(state.current)
      if (ended) end(ended)
      const asked = verbosity > 0 || (diff && event.type === 'operation-finished' && event.changes.length > 0)
      const stays = staying.has(event.type) || (asked && event.type !== 'play-started')
      const lines = dispatch(handlers, event)
      if (!stays) return
      const print = () => screen.print(lines.filter((line) => line !== ''))
      // Between plays the last one may still be waiting for its final row, which comes first.
      if (state.current) print()
      else tail = tail.then(print)
    },
    async close() {
      for (const finish of finishers.values()) finish()
      finishers.clear()
      await tail
      clearInterval(timer)
      screen.print(summaryLines(state, palette))
      screen.release()
    },
  }
}
