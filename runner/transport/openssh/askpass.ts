import { createServer, type Server, type Socket } from 'node:net'
import { chmod, writeFile } from 'node:fs/promises'
import { quote } from '../../model/quote.ts'
import { reveal, type Secret } from '../../model/secret.ts'

/** Gives what ssh asks for; undefined where nobody knows. */
export type Answerer = (question: string) => Promise<Secret<string> | undefined>

/** What ssh runs to ask (SSH_ASKPASS): passes the question on by a socket, and prints the answer. */
const program = `const socket = require('node:net').connect({ path: process.argv[2], allowHalfOpen: true })
const answer = []
socket.on('data', (chunk) => answer.push(chunk))
socket.on('error', () => process.exit(1))
socket.on('end', () => {
  const text = Buffer.concat(answer)
  if (text.length === 0) process.exit(1)
  process.stdout.write(text.subarray(1))
})
socket.end(process.argv[3])
`

/**
 * Answers the questions of one ssh process. A secret travels over a socket in a folder that nobody else may enter: it is in
 * no argument, no environment and no file.
 */
export class Askpass {
  /** For the environment of ssh. */
  readonly environment: Readonly<Record<string, string>>
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #asking = 0

  private constructor(path: string, server: Server) {
    this.environment = { SSH_ASKPASS: path, SSH_ASKPASS_REQUIRE: 'force' }
    this.#server = server
  }

  /** `base`: the path that the names of its files begin with, in a folder of mode 0700. */
  static async listen(base: string, answer: Answerer): Promise<Askpass> {
    const [script, socket, path] = [`${base}.cjs`, `${base}.ask`, `${base}.sh`]
    await writeFile(script, program, { mode: 0o600 })
    // What is shown to be looked at only (a touch on a device) needs no answer.
    const run = `exec ${quote(process.execPath)} ${quote(script)} ${quote(socket)} "$1"`
    await writeFile(path, `#!/bin/sh\n[ "$SSH_ASKPASS_PROMPT" = none ] && exit 0\nunset NODE_OPTIONS\n${run}\n`)
    await chmod(path, 0o700)
    const server = createServer({ allowHalfOpen: true })
    const askpass = new Askpass(path, server)
    server.on('connection', (connection) => void askpass.#serve(connection, answer))
    await new Promise<void>((done, fail) => server.once('error', fail).listen(socket, done))
    return askpass
  }

  /** Whether somebody is thinking about an answer. */
  get asking(): boolean {
    return this.#asking > 0
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #serve(socket: Socket, answer: Answerer): Promise<void> {
    this.#sockets.add(socket)
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket))
    this.#asking += 1
    try {
      const secret = await answer(await wholeText(socket))
      socket.end(secret === undefined ? '' : `+${reveal(secret)}\n`)
    } catch {
      socket.end()
    } finally {
      this.#asking -= 1
    }
  }
}

/** What the other side says until it ends its half; the socket stays open for an answer. */
function wholeText(socket: Socket): Promise<string> {
  return new Promise((done) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.once('end', () => done(text))
  })
}
