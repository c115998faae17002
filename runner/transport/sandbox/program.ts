import { spawn } from 'node:child_process'
import type { ServerChannel } from 'ssh2'
import type { Launch } from './isolation.ts'

/** How long a program may go on after its channel was closed: time to see the end of its input and to tidy up. */
const graceMs = 5000

/** A program that runs for a channel. */
export interface Program {
  /** Sends a signal, named as in SSH (`TERM`), to the program's process group. */
  readonly signal: (name: string) => void
  /** Settles when it has ended and its output was read. */
  readonly ended: Promise<void>
}

/** Runs a program with the channel as its three streams, and reports how it ended as sshd does. */
export function runProgram(launch: Launch, channel: ServerChannel): Program {
  const child = spawn(launch.file, launch.args, {
    cwd: launch.cwd,
    env: launch.env,
    // A process group of its own, so that what it starts can be ended with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(launch.descriptors ?? [])],
  })
  const signal = (name: string) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, `SIG${name}` as NodeJS.Signals)
    } catch {
      // It has ended meanwhile, or the name is no signal's: sshd ignores both too.
    }
  }
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('a program without streams')
  // A program that does not read its input is no error.
  stdin.on('error', () => {})
  channel.on('error', () => {})
  channel.pipe(stdin)
  stdout.pipe(channel, { end: false })
  stderr.pipe(channel.stderr, { end: false })
  let late: NodeJS.Timeout | undefined
  channel.once('close', () => {
    stdin.end()
    stdout.destroy()
    stderr.destroy()
    // The usual order is the other way round: a timer for a process that has ended would only hold up this one.
    if (child.exitCode === null && child.signalCode === null) late = setTimeout(() => signal('KILL'), graceMs)
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => {
      channel.stderr.write(`${launch.file} can't be started\n`)
      channel.exit(127)
      channel.end()
      resolve()
    })
    child.once('close', (code, ending) => {
      clearTimeout(late)
      if (ending === null) channel.exit(code ?? 255)
      else channel.exit(ending.replace(/^SIG/, ''), false, '')
      channel.end()
      resolve()
    })
  })
  return { signal, ended }
}
