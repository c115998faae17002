import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Event } from '../../runner/engine/events.ts'

export interface TsplayOptions {
  /** Where it is started: the journal goes there. */
  readonly cwd: string
  /** HOME: where it looks for SSH keys and known hosts. */
  readonly home: string
  readonly env?: Readonly<Record<string, string>>
  /** Called with each event of `--output json` as it comes. */
  readonly onEvent?: (event: Event, child: { kill(signal: NodeJS.Signals): void }) => void
  /** After it the process is killed, and the promise rejects. @default 120 s */
  readonly limitMs?: number
}

export interface TsplayEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** What `--output json` printed; empty for other outputs. */
  readonly events: readonly Event[]
  readonly ms: number
}

const built = fileURLToPath(new URL('../../dist/runner/cli/main.js', import.meta.url))
const source = fileURLToPath(new URL('../../runner/cli/main.ts', import.meta.url))

/** TSPLAY_TEST_SOURCE=1 tries the source as it is, without a build before. */
const program = () =>
  process.env['TSPLAY_TEST_SOURCE'] === '1' ? ['--import', import.meta.resolve('tsx'), source] : [built]

/** Runs the command line as its users do: the built program, in a process of its own. */
export async function tsplay(args: readonly string[], options: TsplayOptions): Promise<TsplayEnd> {
  const start = performance.now()
  const [file] = program().slice(-1)
  if (file === undefined || !existsSync(file)) throw new Error('there is no build: npm run build')
  const child = spawn(process.execPath, [...program(), ...args], {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      HOME: options.home,
      XDG_CACHE_HOME: `${options.home}/.cache`,
      NO_COLOR: '1',
      ...options.env,
    },
  })
  let stdout = ''
  let stderr = ''
  let rest = ''
  const events: Event[] = []
  const isJson = args.join(' ').includes('--output json')
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    if (!isJson) return
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = JSON.parse(line) as Event
      events.push(event)
      options.onEvent?.(event, { kill: (signal) => void child.kill(signal) })
    }
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const limitMs = options.limitMs ?? 120_000
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, limitMs)
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...end) => resolve(end)),
  )
  clearTimeout(timer)
  if (late) throw new Error(`tsplay ${args.join(' ')} did not end within ${limitMs / 1000} s:\n${stdout}${stderr}`)
  return { code, signal, stdout, stderr, events, ms: performance.now() - start }
}
