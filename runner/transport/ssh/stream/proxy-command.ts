import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { ConnectError } from '../../../model/errors.ts'
import type { SshSettings } from '../settings.ts'
import { childStream } from './child-stream.ts'

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
  return childStream(child, (code, said) => failure(command, code, said))
}

const failure = (command: string, code: number, said: string) =>
  new ConnectError('tcp', `ProxyCommand "${command}" ended with exit code ${code}${said === '' ? '' : `: ${said}`}`, {
    hint: 'Run it by hand: it must connect its input and output to the SSH server.',
  })
