import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import type { Channel, ChannelExit } from '../connection.ts'

/** What a login shell that does as it is told takes at most to start a program. Others are left to whoever opened the channel. */
const startLimitMs = 15_000

/** ssh's own code for trouble of its own; a program on the host may end with it as well. */
const sshTrouble = 255

/** What ssh says when the server gives no further session, or the connection is not there. */
const refusal = /mux_client_request_session|Session open refused|Control socket connect|Connection closed by UNKNOWN/

export interface ProgramOptions {
  /** Whether the connection is gone: asked when ssh ended with its own code. */
  readonly isLost: () => Promise<boolean>
}

/**
 * Starts an ssh process whose last argument is a command for the login shell, and waits until that was started, which ssh
 * does not tell: so the command says it first. `refused` when the server gave no session.
 */
export async function openProgram(args: readonly string[], { isLost }: ProgramOptions): Promise<Channel | 'refused'> {
  const marker = `TSP${randomBytes(12).toString('hex')}`
  const command = `echo ${marker}; ${args.at(-1) ?? ''}`
  // A group of its own: Ctrl-C is for tsplay to handle.
  const child = spawn('ssh', [...args.slice(0, -1), command], { stdio: 'pipe', detached: true })
  const { stdin, stderr } = child
  stdin.on('error', () => {})
  let started = false
  let settled = false
  const stdout = new PassThrough()
  const closed = new Promise<ChannelExit>((done) => {
    child.once('error', () => done({ code: null, signal: undefined, lost: true }))
    child.once('close', (code, signal) => {
      const exit = { code, signal: signal ?? undefined, lost: code === null }
      if (code !== sshTrouble) return done(exit)
      void isLost().then((lost) => done(lost ? { code: null, signal: undefined, lost } : exit))
    })
  })
  const exited = new Promise<number | null>((done) => {
    child.once('error', () => done(sshTrouble))
    child.once('exit', (code) => done(code))
  })
  const early: Buffer[] = []
  const seen = new Promise<void>((done) => {
    withoutMarker(child.stdout, stdout, `${marker}\n`, () => {
      started = true
      done()
    })
  })
  const keep = (chunk: Buffer) => void early.push(chunk)
  stderr.on('data', keep)
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((done) => {
    timer = setTimeout(done, startLimitMs)
  })
  const code = await Promise.race([exited, seen.then(() => null), limit.then(() => null)])
  clearTimeout(timer)
  if (!started && code === sshTrouble && refusal.test(Buffer.concat(early).toString())) {
    stdout.resume()
    return 'refused'
  }
  const said = new PassThrough()
  stderr.off('data', keep)
  for (const chunk of early) said.write(chunk)
  stderr.pipe(said)
  const close = () => {
    if (settled) return
    settled = true
    stdin.destroy()
    child.stdout.destroy()
    stderr.destroy()
    stdout.end()
    said.end()
    child.kill('SIGKILL')
  }
  return { stdin, stdout, stderr: said, closed, close }
}

/** Passes everything on but one line, from which on nothing is looked at any more. */
function withoutMarker(from: Readable, to: PassThrough, marker: string, found: () => void): void {
  let held = Buffer.alloc(0)
  const look = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    const at = held.indexOf(marker)
    if (at >= 0) {
      from.off('data', look)
      to.write(Buffer.concat([held.subarray(0, at), held.subarray(at + marker.length)]))
      held = Buffer.alloc(0)
      from.pipe(to, { end: false })
      found()
      return
    }
    const safe = Math.max(0, held.length - marker.length)
    if (safe > 0) to.write(held.subarray(0, safe))
    held = held.subarray(safe)
  }
  from.on('data', look)
  from.once('close', () => to.end(held))
}
