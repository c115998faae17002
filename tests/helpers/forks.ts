import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * How many processes shell text starts, subshells included: in a namespace of its own the kernel numbers them one after
 * another, so that the next one's number tells. Needs root.
 */
export async function forksOf(script: string): Promise<number> {
  const text = `(\n${script}\n:) >/dev/null\nsh -c 'echo $$'`
  const { stdout } = await run('unshare', ['--pid', '--fork', '--mount-proc', 'sh', '-c', text])
  // The shell itself is the first, what is counted has a subshell of its own, and the one that tells is the last.
  return Number(stdout) - 3
}
