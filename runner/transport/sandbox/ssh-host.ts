import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket, type Server as TcpServer } from 'node:net'
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2'
import type { Isolation } from './isolation.ts'
import { runProgram, type Program } from './program.ts'

/** An SSH server for one sandbox host, on a free port of 127.0.0.1, for one user with one key. */
export class SshHost {
  readonly #isolation: Isolation
  readonly #server: ssh2.Server
  readonly #tcp: TcpServer
  readonly #connections = new Set<Connection>()
  readonly #sockets = new Set<Socket>()
  readonly #programs = new Set<Program>()

  constructor(isolation: Isolation, hostKey: string, clientKey: string) {
    this.#isolation = isolation
    this.#server = new ssh2.Server({ hostKeys: [hostKey], ident: 'tsplay-sandbox' }, (connection) =>
      this.#accept(connection, clientKey),
    )
    // Without noDelay, Nagle's algorithm costs each answer 40 ms.
    this.#tcp = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      this.#server.injectSocket(socket)
    })
  }

  /** Gives the port. */
  async listen(): Promise<number> {
    this.#tcp.listen(0, '127.0.0.1')
    await once(this.#tcp, 'listening')
    return (this.#tcp.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#tcp.close(resolve))
    for (const connection of this.#connections) connection.end()
    // A client that does not answer must not keep the sandbox open.
    const late = setTimeout(() => this.#sockets.forEach((socket) => socket.destroy()), 300)
    await closed
    clearTimeout(late)
    for (const program of this.#programs) program.signal('KILL')
    await Promise.all([...this.#programs].map(({ ended }) => ended))
  }

  #accept(connection: Connection, clientKey: string): void {
    this.#connections.add(connection)
    connection
      .on('error', () => {})
      .on('close', () => this.#connections.delete(connection))
      .on('authentication', (context) => {
        if (context.method !== 'publickey' || context.username !== this.#isolation.user)
          return context.reject(['publickey'])
        const known = ssh2.utils.parseKey(clientKey)
        if (known instanceof Error || !same(context.key.data, known.getPublicSSH()))
          return context.reject(['publickey'])
        if (context.signature === undefined || context.blob === undefined) return context.accept()
        if (known.verify(context.blob, context.signature, context.hashAlgo) === true) context.accept()
        else context.reject(['publickey'])
      })
      .on('session', (accept) => this.#session(accept()))
  }

  #session(session: Session): void {
    let signal: ((name: string) => void) | undefined
    const run = async (command: string | undefined, channel: ServerChannel) => {
      try {
        const program = runProgram(await this.#isolation.launch(command), channel)
        signal = program.signal
        this.#programs.add(program)
        void program.ended.then(() => this.#programs.delete(program))
      } catch (error) {
        channel.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
        channel.exit(255)
        channel.end()
      }
    }
    session
      .on('signal', (accept, _reject, info) => {
        accept?.()
        signal?.(info.name)
      })
      .on('exec', (accept, _reject, info) => void run(info.command, accept()))
      .on('shell', (accept) => void run(undefined, accept()))
  }
}

const same = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b)
