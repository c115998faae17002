import type { CommandOptions, Ran, ReadOptions } from '../../model/command.ts'
import { contentBytes } from '../../model/content.ts'
import { CommandError, TsplayError } from '../../model/errors.ts'
import { certain } from '../../model/unknown.ts'
import type { SessionResult } from '../../session/session.ts'
import { redact } from '../redact.ts'
import type { HostHandle } from './handle.ts'
import type { Report } from './operate.ts'
import { commandPlace } from './per-command/place.ts'

export const defaultTimeoutMs = 10 * 60_000

/** Runs a script as one command of the host's session. */
export async function runScript(
  handle: HostHandle,
  script: string,
  options: CommandOptions | ReadOptions,
  told: Report,
): Promise<SessionResult> {
  const { body } = handle
  const place = await commandPlace(handle)
  const { session } = place
  const text = place.scriptOf(script, options)
  body.run.emit({ type: 'command-sent', at: Date.now(), host: handle.host, user: session.user, script: redact(text) })
  body.ahead.lane(handle.host, place.user).along(session)
  const result = await session.run({
    script: certain(text),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    signal: body.signal,
    ...('secret' in options && options.secret ? {} : { onOutput: (stream, chunk) => told.output(stream, chunk) }),
    ...(options.stdin === undefined ? {} : { stdin: contentBytes(options.stdin) }),
  })
  await place.judge(script, result)
  return result
}

/** The result as playbooks see it, or the error that says why there is none. */
export function ranOrThrow(result: SessionResult, script: string, options: CommandOptions): Ran {
  const ran: Ran = { stdout: result.stdout.toString(), stderr: result.stderr.toString(), code: result.code }
  const shown = redact(script.trim())
  if (result.timedOut) {
    throw new TsplayError(
      'TIMEOUT',
      `${shown} took more than ${(options.timeoutMs ?? defaultTimeoutMs) / 1000} s and was killed`,
      {
        hint: 'Set `timeoutMs` when it is meant to take longer.',
      },
    )
  }
  if (result.aborted) throw new TsplayError('ABORTED', `${shown} was stopped`)
  if ((options.okCodes ?? [0]).includes(result.code)) return result.truncated ? withoutStdout(ran, shown) : ran
  const last = redact((ran.stderr.trim() || ran.stdout.trim()).split('\n').at(-1) ?? '')
  throw new CommandError(`${shown.split('\n')[0]} ended with ${result.code}${last === '' ? '' : `: ${last}`}`, {
    command: script,
    exitCode: result.code,
    stdout: ran.stdout,
    stderr: ran.stderr,
  })
}

/** More was printed than is kept: a part must not be taken for the whole, but who does not look at it needs no error. */
const withoutStdout = (ran: Ran, shown: string): Ran => ({
  ...ran,
  get stdout(): string {
    throw new TsplayError('COMMAND', `${shown.split('\n')[0]} printed more than 8 MiB, which is not kept`, {
      hint: 'Have the host pick out what is needed, or write it into a file.',
    })
  },
})
