import { Readable } from 'node:stream'
import { runProgram } from '../../runner/cli/program.ts'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in this process, as if it had been typed in a folder. */
export async function commandLine(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Ended> {
  let code = 0
  const texts = { stdout: '', stderr: '' }
  const stream = (which: 'stdout' | 'stderr') => ({
    write(text: string, done?: (error?: Error | null) => void) {
      texts[which] += text
      done?.()
      return true
    },
    on: () => {},
    once: () => {},
    off: () => {},
    isTTY: false,
  })
  await runProgram({
    stdin: Readable.from([input]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { NO_COLOR: '1', ...env },
    cwd,
    args,
    exitWith: (given) => {
      code = given
    },
    forceExit: () => {
      throw new Error('the process was to end by force')
    },
  })
  return { code, ...texts }
}
