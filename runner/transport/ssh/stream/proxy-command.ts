import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
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
      const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
      stream.on('error', () => {})
      stream.once('close', () => end(child.pid))
      child.once('exit', (code) => {
        const why = said.trim() === '' ? `exit code ${code}` : said.trim()
        if (code !== 0 && code !== null) stream.destroy(new Error(`ProxyCommand "${command}" failed: ${why}`))
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
