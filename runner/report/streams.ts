/** As much of `NodeJS.WriteStream` as a report needs, so that tests can stand in for a terminal. */
export interface OutputStream {
  write(text: string, callback?: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'drain', listener: () => void): unknown
  off(event: 'error' | 'drain', listener: (error: Error) => void): unknown
  readonly isTTY?: boolean | undefined
  /** Width of the terminal in columns. */
  readonly columns?: number | undefined
  /** Height of the terminal in rows. */
  readonly rows?: number | undefined
}

/** A stream's writer that nobody has to wait for. */
export interface Writer {
  /** Takes whole lines, final newline included. Never throws; after the reader has gone, nothing happens. */
  write(text: string): void
  /** Settles when everything was handed to the operating system, or the reader has gone. */
  close(): Promise<void>
}

/** Joins what piles up behind a slow reader into one write per drain, so that memory holds the text once and order is kept. */
export function createWriter(stream: OutputStream): Writer {
  let pending: string[] = []
  let writing = false
  let gone = false
  let idle: (() => void)[] = []
  const settle = () => {
    for (const resolve of idle.splice(0)) resolve()
  }
  // A reader that left (EPIPE of `| head`) must not end the run.
  const onError = () => {
    gone = true
    pending = []
    settle()
  }
  stream.on('error', onError)
  const pump = () => {
    if (gone || pending.length === 0) return settle()
    const text = pending.join('')
    pending = []
    writing = true
    stream.write(text, (error) => {
      writing = false
      if (error) onError()
      else pump()
    })
  }
  return {
    write(text) {
      if (gone) return
      pending.push(text)
      if (!writing) pump()
    },
    async close() {
      if (!gone && (writing || pending.length > 0)) await new Promise<void>((resolve) => idle.push(resolve))
      stream.off('error', onError)
    },
  }
}
