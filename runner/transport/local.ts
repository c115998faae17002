import { spawn } from 'node:child_process'
import { hostname, userInfo } from 'node:os'
import type { Channel, ChannelExit, Connection } from './connection.ts'

/** The control machine itself, as a connection: programs run in process groups of their own, as the user that runs tsplay. */
export function dialLocal(): Connection {
  const { username } = userInfo()
  const running = new Set<Channel>()
  let settle: (reason: undefined) => void = () => {}
  const closed = new Promise<undefined>((done) => {
    settle = done
  })
  return {
    description: `${username}@${hostname()} (this machine)`,
    user: username,
    async open(command) {
      const channel = await start(command)
      running.add(channel)
      void channel.closed.then(() => running.delete(channel))
      return channel
    },
    closed,
    async close() {
      const open = [...running]
      for (const channel of open) channel.close()
      await Promise.all(open.map((channel) => channel.closed))
      settle(undefined)
    },
  }
}

function start(command: string): Promise<Channel> {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'pipe' })
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
