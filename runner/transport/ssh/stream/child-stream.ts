import type { ChildProcessByStdio } from 'node:child_process'
import { Duplex, PassThrough, type Readable, type Writable } from 'node:stream'
import { ConnectError } from '../../../model/errors.ts'

/**
 * A process's input and output as one stream. The process must lead a group of its own, which is ended with the stream.
 * `failure` makes the error of the stream from an exit code other than 0 and what was said on the error stream.
 */
export function childStream(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  failure: (code: number, said: string) => ConnectError,
): Promise<Duplex> {
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000)
  })
  return new Promise((done, fail) => {
    child.once('error', (error) => fail(new ConnectError('tcp', `a process can not be run: ${error.message}`)))
    child.once('spawn', () => {
      // Its end is passed on only once its exit code is known: that tells "it failed" from "the server hung up".
      const readable = child.stdout.pipe(new PassThrough(), { end: false })
      // So with what it does not read any more: the broken pipe is no reason, the exit code is.
      const writable = new PassThrough()
      writable.pipe(child.stdin).on('error', () => {})
      const stream = Duplex.from({ readable, writable })
      stream.on('error', () => {})
      stream.once('close', () => end(child.pid))
      child.once('close', (code) => {
        if (code === 0 || code === null) readable.end()
        else stream.destroy(failure(code, said.trim()))
      })
      done(stream)
    })
  })
}

function end(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGTERM')
  } catch {
    // Gone already.
  }
}
