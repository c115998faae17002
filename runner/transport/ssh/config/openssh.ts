import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { ConnectError } from '../../../model/errors.ts'
import type { Answer } from './host-config.ts'

/** Each asks a process of about 8 ms CPU. */
const atOnce = pLimit(availableParallelism())

export interface Question {
  readonly host: string
  readonly user: string | undefined
  readonly port: number | undefined
  /** `Keyword=value`, as `-o` takes it: what is said before all files, the strongest first. */
  readonly options: readonly string[]
  /** A configuration file in place of the user's and the system's. */
  readonly file: string | undefined
}

/** Thrown when there is no `ssh` to ask. */
export class NoOpenSsh extends Error {}

/** Arguments of ssh that ask for its configuration for a host. */
export const questionArguments = ({ host, user, port, options, file }: Question) => [
  '-G',
  ...(file === undefined ? [] : ['-F', file]),
  ...(user === undefined ? [] : ['-l', user]),
  ...(port === undefined ? [] : ['-p', String(port)]),
  ...options.flatMap((option) => ['-o', option]),
  '--',
  host,
]

/** Has OpenSSH work out its configuration for a host. Throws ConnectError `config`, or {@link NoOpenSsh}. */
export function askOpenSsh(question: Question): Promise<Answer> {
  const { host } = question
  const args = questionArguments(question)
  return atOnce(
    () =>
      new Promise<Answer>((done, fail) => {
        const child = execFile('ssh', args, { timeout: 30_000, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
          if (error === null) return done(parse(stdout))
          if (error.code === 'ENOENT') return fail(new NoOpenSsh())
          const why = stderr.trim().replaceAll(/\s*Pseudo-terminal will not be allocated.*/g, '')
          fail(
            new ConnectError('config', `ssh's configuration for ${host} can not be read: ${why || error.message}`, {
              cause: error,
              hint: `Try: ssh -G ${host}`,
            }),
          )
        })
        child.stdin?.end()
      }),
  )
}

function parse(text: string): Answer {
  const answer: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    if (space <= 0) continue
    ;(answer[line.slice(0, space).toLowerCase()] ??= []).push(line.slice(space + 1).trim())
  }
  return answer
}
