import { Writable } from 'node:stream'
import type { OutputStream } from './streams.ts'

/** A terminal that is shared by rows that are redrawn and by lines that stay above them. */
export interface Screen {
  /** What the rows are drawn on. */
  readonly stream: Writable & { readonly isTTY: true }
  /** Lines that stay: written before the next frame, or at once where no rows are drawn. */
  print(lines: readonly string[]): void
  /** Says whether rows are drawn at present. */
  draw(drawing: boolean): void
  /** Writes what waits, and gives the terminal back as it was. Safe to call twice. */
  release(): void
}

/** The cursor movements with which a frame takes the one before it away. */
const erasing = /^(?:\x1b\[2K|\x1b\[1A|\x1b\[G)*/
const cursorOnly = /^\x1b\[\?25[hl]$/
const showCursor = '\x1b[?25h'

/**
 * Takes a terminal over. Text that anything else in the process writes meanwhile (a `console.log` in a playbook, a
 * warning of Node's) would tear the rows, so it is shown as lines above them too.
 */
export function takeScreen(stdout: OutputStream, stderr: OutputStream): Screen {
  const taken = [stdout, ...(stderr.isTTY && stderr !== stdout ? [stderr] : [])]
  // The methods are called with their stream as `this` below, and put back as they were.
  // oxlint-disable-next-line typescript/unbound-method
  const originals = taken.map((stream) => ({ stream, own: Object.hasOwn(stream, 'write'), write: stream.write }))
  const put = (text: string) => originals[0]?.write.call(stdout, text)
  let waiting = ''
  let partial = ''
  let drawing = false
  let released = false

  const settle = () => {
    if (waiting !== '') put(waiting)
    waiting = ''
  }
  const add = (text: string) => {
    waiting += text
    if (!drawing) settle()
  }
  for (const { stream, write } of originals) {
    stream.write = (chunk, ...rest: unknown[]) => {
      // The clean-up of a process that is being killed shows the cursor again: that can't wait.
      if (typeof chunk === 'string' && cursorOnly.test(chunk)) return write.call(stream, chunk)
      const text = partial + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
      const end = text.lastIndexOf('\n') + 1
      partial = text.slice(end)
      if (end > 0) add(text.slice(0, end))
      const callback = rest.at(-1)
      if (typeof callback === 'function') process.nextTick(() => callback())
      return true
    }
  }
  const frames = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _, done) {
      const text = chunk.toString()
      const erased = erasing.exec(text)?.[0] ?? ''
      put(erased + waiting + text.slice(erased.length))
      waiting = ''
      done()
    },
  })
  const release = () => {
    if (released) return
    released = true
    process.off('exit', release)
    for (const { stream, own, write } of originals) {
      if (own) stream.write = write
      else Reflect.deleteProperty(stream, 'write')
    }
    put(showCursor + waiting + (partial === '' ? '' : `${partial}\n`))
  }
  process.on('exit', release)
  return {
    // listr2 copies the size once and would wrap at the old one after a resize: rows are fitted before they get there.
    stream: Object.assign(frames, { isTTY: true as const, columns: Infinity, rows: Infinity }),
    print: (lines) => {
      if (lines.length > 0) add(`${lines.join('\n')}\n`)
    },
    draw(now) {
      drawing = now
      if (!now) settle()
    },
    release,
  }
}
