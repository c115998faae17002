import { spawn } from 'node:child_process'
import type { Channel, ChannelExit } from './connection.ts'

/** A process of this machine as a channel, in a group of its own that ends with it. Rejects when it can't be started. */
export function processChannel(file: string, args: readonly string[]): Promise<Channel> {
  const child = spawn(file, args, { detached: true, stdio: 'pipe' })
  const { stdin, stdout, stderr } = child
  // A write to a program that has ended reports here; `closed` says how it ended.
  stdin.on('error', () => {})
  const closed = new Promise<ChannelExit>((done) => {
    child.once('close', (code, signal) => done({ code, signal: signal ?? undefined, lost: false }))
  })
  const close = () => {
    stdin.destroy()
    stdout.destroy()
    stderr.destroy()
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group is gone already.
    }
  }
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('spawn', () => done({ stdin, stdout, stderr, closed, close }))
  })
}

/** Where programs are processes of this machine: there is nothing between that could be lost. */
export class ProcessConnection {
  readonly description: string
  readonly user: string
  readonly closed: Promise<undefined>
  readonly #start: (command: string) => Promise<Channel>
  readonly #running = new Set<Channel>()
  #settle: (reason: undefined) => void = () => {}

  constructor(description: string, user: string, start: (command: string) => Promise<Channel>) {
    this.description = description
    this.user = user
    this.#start = start
    this.closed = new Promise((done) => {
      this.#settle = done
    })
  }

  async open(command: string): Promise<Channel> {
    const channel = await this.#start(command)
    this.#running.add(channel)
    void channel.closed.then(() => this.#running.delete(channel))
    return channel
  }

  async close(): Promise<void> {
    const open = [...this.#running]
    for (const channel of open) channel.close()
    await Promise.all(open.map((channel) => channel.closed))
    this.#settle(undefined)
  }
}
