import { redact } from '../redact.ts'

type Stream = 'stdout' | 'stderr'

export interface LineSplitter {
  push(stream: Stream, chunk: Uint8Array): void
  end(): void
}

/** A line longer than this is cut: it is for people. */
const longest = 2000

/** What is kept of a line, so that a secret on the edge of the cut is still seen whole. */
const kept = 2 * longest

/** Cuts a host's output into lines and takes out whatever could act on a terminal (C0, C1, escapes, direction marks). */
export function safeLines(take: (stream: Stream, line: string) => void): LineSplitter {
  const rest: Record<Stream, string> = { stdout: '', stderr: '' }
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  const emit = (stream: Stream, line: string) => {
    const safe = safe1(line)
    if (safe !== '') take(stream, safe)
  }
  return {
    push(stream, chunk) {
      // A carriage return is how programs draw progress: each state is a line.
      const lines = (rest[stream] + decoders[stream].decode(chunk, { stream: true })).split(/\r\n|\n|\r/)
      rest[stream] = (lines.pop() ?? '').slice(0, kept)
      for (const line of lines) emit(stream, line)
    },
    end() {
      for (const stream of ['stdout', 'stderr'] as const) emit(stream, rest[stream])
      rest.stdout = rest.stderr = ''
    },
  }
}

const safe1 = (line: string): string =>
  redact(line.slice(0, kept))
    .slice(0, longest)
    .replaceAll(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g, '')
    .replaceAll('\t', ' ')
    .replaceAll(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '')
    .trimEnd()
