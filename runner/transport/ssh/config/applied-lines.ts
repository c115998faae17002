import { execFile } from 'node:child_process'
import { type Question, questionArguments } from './openssh.ts'

/**
 * Which lines of ssh's configuration apply to a host, as `FILE line N: what it names`, in order. Empty where ssh is missing
 * or refuses its configuration.
 */
export function appliedLines(question: Question): Promise<readonly string[]> {
  return new Promise((done) => {
    const args = ['-v', ...questionArguments(question)]
    const child = execFile('ssh', args, { timeout: 30_000, maxBuffer: 4 << 20 }, (_error, _stdout, stderr) => {
      done(
        [...stderr.matchAll(/^debug1: (.+ line \d+): (?:Applying options for|matched) (.*?)\r?$/gm)].map(
          ([, place, what]) => `${place}: ${what}`,
        ),
      )
    })
    child.stdin?.end()
  })
}
