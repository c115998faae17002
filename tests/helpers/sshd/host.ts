import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../../../runner/transport/target.ts'

/** One host of a rig: an address and port of this machine at which each connection gets an sshd of its own. */
export interface RigHost {
  readonly name: string
  readonly address: string
  readonly port: number
  /** `ssh-ed25519 AAAA…`, as in known_hosts. */
  readonly hostKey: string
  readonly target: Target
  /** How many connections there were, and are. */
  readonly accepted: number
  readonly open: number
  /** Resets every connection (RST). Only with `link: true`, as are the next four. */
  cut(): void
  /** Ends every connection in good order (FIN), without a word of SSH. */
  end(): void
  /** Holds everything back in both directions, for connections to come as well; nobody is told. */
  freeze(): void
  thaw(): void
  /** Lets the next `count` connections be closed before the server says anything, as MaxStartups does. */
  turnAway(count: number): void
  /** What its sshd logged, with LogLevel VERBOSE. */
  log(): Promise<string>
  /** How many sessions (channels with a program) were started. */
  sessions(): Promise<number>
  /** Stops listening; what is connected goes on. */
  stopListening(): void
  /** Ends everything, and waits until its sshd processes are gone. */
  close(): Promise<void>
}

export interface HostOptions {
  readonly name: string
  /** The server, or a link to it. */
  readonly program: string
  readonly address: string
  readonly hostKey: string
  readonly configFile: string
  readonly logFile: string
  /** Bytes pass through this process, so that they can be held back. */
  readonly link: boolean
  readonly target: (port: number) => Target
}

export async function startHost(options: HostOptions): Promise<RigHost> {
  const children = new Set<ChildProcess>()
  const sockets = new Set<Socket>()
  let accepted = 0
  let frozen = false
  let toTurnAway = 0

  const serve = (socket: Socket) => {
    accepted++
    socket.on('error', () => {})
    if (toTurnAway > 0) {
      toTurnAway--
      socket.destroy()
      return
    }
    const log = openSync(options.logFile, 'a')
    const ends = options.link ? ('pipe' as const) : socket
    const child = spawn(options.program, ['-i', '-e', '-f', options.configFile], { stdio: [ends, ends, log] })
    closeSync(log)
    children.add(child)
    child.once('exit', () => children.delete(child))
    if (!options.link) {
      // The server has its own copy of the socket.
      socket.destroy()
      return
    }
    relay(socket, child)
  }

  const relay = (socket: Socket, child: ChildProcess) => {
    sockets.add(socket)
    const { stdin, stdout } = child
    stdin?.on('error', () => {})
    socket.on('data', (chunk) => stdin?.write(chunk))
    stdout?.on('data', (chunk: Buffer) => socket.write(chunk))
    socket.once('close', () => {
      sockets.delete(socket)
      stdin?.destroy()
      stdout?.destroy()
    })
    stdout?.once('end', () => socket.end())
    socket.once('end', () => stdin?.end())
    if (frozen) hold(socket, child)
    else socket.resume()
    held.set(socket, child)
  }

  const held = new WeakMap<Socket, ChildProcess>()
  const hold = (socket: Socket, child: ChildProcess | undefined) => {
    socket.pause()
    child?.stdout?.pause()
  }

  const server = createServer({ pauseOnConnect: true }, serve)
  server.listen(0, options.address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const need = () => {
    if (!options.link) throw new Error('the rig was made without `link: true`')
  }

  const log = () => readFile(options.logFile, 'utf8').catch(() => '')
  return {
    name: options.name,
    address: options.address,
    port,
    hostKey: options.hostKey,
    target: options.target(port),
    get accepted() {
      return accepted
    },
    get open() {
      return children.size
    },
    cut() {
      need()
      for (const socket of sockets) socket.resetAndDestroy()
    },
    end() {
      need()
      for (const socket of sockets) socket.end()
    },
    freeze() {
      need()
      frozen = true
      for (const socket of sockets) hold(socket, held.get(socket))
    },
    thaw() {
      frozen = false
      for (const socket of sockets) {
        socket.resume()
        held.get(socket)?.stdout?.resume()
      }
    },
    turnAway(count) {
      toTurnAway = count
    },
    log,
    async sessions() {
      return ((await log()).match(/Starting session: /g) ?? []).length
    },
    stopListening() {
      server.close()
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await gone(children)
    },
  }
}

/** sshd ends when its connection does; one that is waiting for something is made to. */
async function gone(children: ReadonlySet<ChildProcess>): Promise<void> {
  for (let waited = 0; children.size > 0 && waited < 5000; waited += 20) {
    await sleep(20)
    if (waited === 300) for (const child of children) child.kill('SIGTERM')
    if (waited === 1500) for (const child of children) child.kill('SIGKILL')
  }
}
