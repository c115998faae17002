import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Channel, ChannelExit, Connection } from '../../runner/transport/connection.ts'

/** The shells that targets have as `/bin/sh`, and where Debian keeps them. */
export const shells = {
  dash: '/bin/dash',
  bash: '/bin/bash',
  busybox: '/bin/busybox',
  mksh: '/bin/mksh',
} as const

export interface LocalConnectionOptions {
  /** What stands in for `/bin/sh`. @default dash */
  readonly shell?: keyof typeof shells
  /** Shell text that a login runs before the command: noise, nologin. */
  readonly login?: string
  /** Runs commands as another user of this machine, through setpriv. Needs root. */
  readonly user?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface LocalConnection extends Connection, AsyncDisposable {
  /** Cuts every channel as a lost link does. */
  cut(): void
  /** Stops to pass anything, in both directions, as a frozen link does. */
  freeze(): void
  /** How many channels were opened so far. */
  readonly opened: number
  /** How many were open at once, at most. */
  readonly mostOpen: number
}

/** A connection to this very machine: each channel is a process in a group of its own, as sshd would start it. */
export async function localConnection(options: LocalConnectionOptions = {}): Promise<LocalConnection> {
  const { shell = 'dash', login = '', user, env = {} } = options
  const bin = await mkdtemp(join(tmpdir(), 'tsplay-shell-'))
  // For other users too, whom a session may become.
  await chmod(bin, 0o755)
  await symlink(shells[shell], join(bin, 'sh'))
  const open = new Set<{ cut(): void; freeze(): void }>()
  let opened = 0
  let mostOpen = 0
  let gone: (error: Error | undefined) => void = () => {}
  const closed = new Promise<Error | undefined>((resolve) => {
    gone = resolve
  })
  const start = async (command: string): Promise<Channel> => {
    opened += 1
    const text = `${login}\n${command.replaceAll('/bin/sh', join(bin, 'sh'))}`
    const argv = [join(bin, 'sh'), '-c', text]
    const as = user === undefined ? argv : ['setpriv', '--reuid', user, '--regid', user, '--init-groups', ...argv]
    const [file = '', ...args] = as
    const path = `${bin}:${process.env['PATH'] ?? ''}`
    const child = spawn(file, args, { detached: true, env: { ...process.env, PATH: path, ...env } })
    let lost = false
    const ended = new Promise<ChannelExit>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal: signal ?? undefined, lost }))
      child.once('error', () => resolve({ code: null, signal: undefined, lost: true }))
    })
    const cut = () => {
      lost = true
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const freeze = () => {
      // No end of file reaches the shell, and no output us.
      child.stdout.pause().removeAllListeners('data')
      child.stderr.pause().removeAllListeners('data')
      child.stdin.write = () => true
    }
    const link = { cut, freeze }
    open.add(link)
    mostOpen = Math.max(mostOpen, open.size)
    void ended.then(() => open.delete(link))
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      closed: Promise.race([
        ended,
        new Promise<ChannelExit>((resolve) =>
          child.stdin.once('close', () => lost && resolve({ code: null, signal: undefined, lost: true })),
        ),
      ]),
      close: cut,
    }
  }
  const close = async () => {
    for (const link of open) link.cut()
    gone(undefined)
  }
  return {
    description: `local (${shell})`,
    user: user ?? userInfo().username,
    closed,
    get opened() {
      return opened
    },
    get mostOpen() {
      return mostOpen
    },
    open: start,
    cut: () => {
      for (const link of open) link.cut()
      gone(new Error('the link was cut'))
    },
    freeze: () => {
      for (const link of open) link.freeze()
    },
    close,
    [Symbol.asyncDispose]: async () => {
      await close()
      await rm(bin, { recursive: true, force: true })
    },
  }
}
