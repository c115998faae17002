import { userFrame } from '../model/call-site.ts'
import { CommandError, TsplayError } from '../model/errors.ts'
import type { ErrorReport } from './events.ts'
import { redact } from './redact.ts'

const lastLines = 20

/** An error as data, redacted. What tsplay did not throw on purpose keeps its stack: it is the user's bug or ours. */
export function errorReport(error: unknown): ErrorReport {
  if (!(error instanceof TsplayError)) return foreign(error)
  const command = error instanceof CommandError ? commandPart(error) : {}
  return {
    code: error.code,
    message: redact(error.message),
    ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
    ...(error.at === undefined ? {} : { at: error.at }),
    ...(error.taskPath === undefined || error.taskPath.length === 0 ? {} : { taskPath: error.taskPath }),
    ...command,
  }
}

function commandPart({ command, exitCode, stderr, stdout }: CommandError) {
  const last = (text: string) => redact(text.trimEnd().split('\n').slice(-lastLines).join('\n'))
  const said = stderr.trim() === '' ? { stdout: last(stdout) } : { stderr: last(stderr) }
  return { command: redact(command), exitCode, ...said }
}

function foreign(error: unknown): ErrorReport {
  if (!(error instanceof Error))
    return { code: 'PLAYBOOK', message: redact(`something that is no Error was thrown: ${String(error)}`) }
  const at = userFrame(error.stack)
  return {
    code: 'PLAYBOOK',
    message: redact(error.message || error.name),
    ...(at === undefined ? {} : { at }),
    ...(error.stack === undefined ? {} : { stack: redact(error.stack) }),
  }
}
