import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { TsplayError } from '../runner/model/errors.ts'
import { printable } from './printable.ts'

const mostBytes = 256 * 1024 * 1024
const mostErrorLines = 5

export interface ScriptLimits {
  readonly cwd: string
  /** After so long the script, and what it has started, is killed. */
  readonly timeoutMs: number
  /** What it is, for errors. @default 'inventory script' */
  readonly noun?: string
}

/**
 * What an inventory script prints. Throws `INVENTORY` where it can't be started, fails, takes too long, prints more
 * than 256 MB or something that is not UTF-8; what it said on stderr is in the message.
 */
export async function runScript(file: string, args: readonly string[], limits: ScriptLimits): Promise<string> {
  const { noun = 'inventory script' } = limits
  const shown = [file, ...args].join(' ')
  const fault = (message: string, hint?: string, cause?: unknown) =>
    new TsplayError('INVENTORY', printable(`${shown}: ${message}`), { ...(hint === undefined ? {} : { hint }), cause })
  const { stdout, stderr, code, signal, timedOut, failure } = await started(file, args, limits)
  if (failure) throw cannotStart(failure, fault)
  if (timedOut)
    throw fault(
      `the ${noun} had not ended after ${limits.timeoutMs / 1000} s and was killed${said(stderr)}`,
      limits.noun === undefined
        ? 'See what it waits for, or give it more time with TSPLAY_INVENTORY_TIMEOUT (seconds).'
        : 'See what it waits for.',
    )
  if (stdout === undefined) throw fault(`the ${noun} printed more than 256 MB and was killed`)
  if (code !== 0) throw fault(`the ${noun} ended with ${signal === null ? `code ${code}` : signal}${said(stderr)}`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(stdout)
  } catch (cause) {
    throw fault(`what the ${noun} printed is no UTF-8 text`, undefined, cause)
  }
}

interface Ended {
  readonly stdout: Buffer | undefined
  readonly stderr: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly timedOut: boolean
  readonly failure: Error | undefined
}

function started(file: string, args: readonly string[], { cwd, timeoutMs }: ScriptLimits): Promise<Ended> {
  return new Promise((done) => {
    // A group of its own, so that what the script started ends with it.
    const child = spawn(resolve(cwd, file), args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    let bytes = 0
    let stderr = ''
    let timedOut = false
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
      // A program that left the group could hold them open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(() => {
      timedOut = true
      kill()
    }, timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= mostBytes) chunks.push(chunk)
      else kill()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-10_000)))
    const end = (code: number | null, signal: NodeJS.Signals | null, failure?: Error) => {
      clearTimeout(timer)
      done({ stdout: bytes <= mostBytes ? Buffer.concat(chunks) : undefined, stderr, code, signal, timedOut, failure })
    }
    child.on('error', (error) => end(null, null, error))
    child.on('close', (code, signal) => end(code, signal))
  })
}

function cannotStart(error: Error, fault: (message: string, hint?: string, cause?: unknown) => TsplayError) {
  const code = 'code' in error ? error.code : undefined
  if (code === 'ENOENT')
    return fault('the interpreter that its first line names is not here', 'Install it, or mend the first line.', error)
  if (code === 'EACCES') return fault('you are not permitted to run it', undefined, error)
  return fault(`it can not be started: ${error.message}`, undefined, error)
}

function said(stderr: string): string {
  const lines = stderr.trimEnd().split('\n').slice(-mostErrorLines)
  return lines.join('').trim() === '' ? '' : `:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
