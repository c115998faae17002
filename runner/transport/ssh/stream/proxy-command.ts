import { spawn } from 'node:child_process'
import { Duplex, PassThrough } from 'node:stream'
import { ConnectError } from '../../../model/errors.ts'
import type { SshSettings } from '../settings.ts'

/** What ends up in a shell's text must not be able to say anything there. */
const harmless = /^[\w.:@%+-]*$/

/** A stream through a program of the user's (ProxyCommand). Throws ConnectError `config` or `tcp`. */
export function proxyStream(settings: SshSettings, command: string): Promise<Duplex> {
  for (const value of [settings.address, settings.alias, settings.user]) {
    if (!harmless.test(value) || value.startsWith('-')) {
      throw new ConnectError('config', `"${value}" can not be used in a ProxyCommand`)
    }
  }
  // A group of its own: Ctrl-C is for tsplay to handle, and the end is for the whole pipeline.
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000)
  })
  return new Promise((done, fail) => {
    child.once('error', (error) =>
      fail(new ConnectError('tcp', `ProxyCommand "${command}" can not be run`, { cause: error })),
    )
    child.once('spawn', () => {
      // Its end is passed on only once its exit code is known: that tells "it failed" from "the server hung up".
      const readable = child.stdout.pipe(new PassThrough(), { end: false })
      const stream = Duplex.from({ readable, writable: child.stdin })
      stream.on('error', () => {})
      stream.once('close', () => end(child.pid))
      child.once('close', (code) => {
        if (code === 0 || code === null) readable.end()
        else stream.destroy(failure(command, code, said.trim()))
      })
      done(stream)
    })
  })
}

const failure = (command: string, code: number, said: string) =>
  new ConnectError('tcp', `ProxyCommand "${command}" ended with exit code ${code}${said === '' ? '' : `: ${said}`}`, {
    hint: 'Run it by hand: it must connect its input and output to the SSH server.',
  })

function end(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGTERM')
  } catch {
    // Gone already.
  }
}
