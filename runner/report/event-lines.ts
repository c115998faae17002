import type { Change } from '../model/change.ts'
import type { EffectFinished, ErrorReport, HostFinished, OperationFinished, RunStarted } from '../engine/events.ts'
import type { Handlers } from './consumer.ts'
import { changeLines, changeSummary } from './diff.ts'
import { errorLines } from './error.ts'
import type { Palette } from './palette.ts'
import { fit, safeLine, safeLines } from './terminal-safe.ts'
import { count, duration, operationName } from './wording.ts'

export interface LineOptions {
  readonly palette: Palette
  /** Show what changes in full. */
  readonly diff: boolean
  /** 1: commands and unchanged operations too; 2: what commands print, and connections. */
  readonly verbosity: number
}

/** The first line of a run: playbook, inventory, how many hosts, and in which mode. */
export function headerLine(event: RunStarted, { bold, may }: Palette): string {
  const mode = event.mode === 'check' ? may('check: nothing is changed') : 'run'
  return `${bold(safeLine(event.playbook))} on ${safeLine(event.inventory)}, ${count(event.hosts.length, 'host')}, ${mode}`
}

/** What each event is worth in lines of text, without those of recap and failures, which come at the end. */
export function eventLines({ palette, diff, verbosity }: LineOptions): Handlers<string[]> {
  let check = false
  const status = {
    ok: palette.ok('ok'),
    changed: palette.changed('changed'),
    may: palette.may('may change'),
    failed: palette.failed('failed'),
    skipped: palette.may('skipped'),
  }
  const verb = (event: OperationFinished) =>
    check && event.status === 'changed' ? palette.changed('would change') : status[event.status]
  const changes = (all: readonly Change[]) =>
    diff ? all.flatMap((change) => changeLines(change, palette)).map((line) => `    ${line}`) : []
  const operation = (event: OperationFinished) => {
    if (event.status === 'ok' && verbosity < 1) return []
    const took = event.durationMs >= 1000 ? palette.dim(` (${duration(event.durationMs)})`) : ''
    const reason = event.reason === undefined ? '' : `: ${safeLine(event.reason)}`
    const what =
      check && !diff && event.changes.length > 0 ? ` (${fit(event.changes.map(changeSummary).join('; '), 160)})` : ''
    const line = `${safeLine(event.host)}: ${verb(event)} ${operationName(event)}${reason}${what}${took}`
    // The error comes in full at the end, once for all hosts that have it; that of a rescued failure only here.
    const error =
      event.error === undefined ? [] : verbosity > 0 ? errorLines(event.error, palette) : oneLine(event.error)
    return [line, ...changes(event.changes), ...error]
  }
  return {
    'run-started': (event) => {
      check = event.mode === 'check'
      return [headerLine(event, palette)]
    },
    notice: (event) => {
      const label = event.level === 'warning' ? palette.changed('warning: ') : ''
      return safeLines(event.message).map((line, i) => (i === 0 ? label + line : line))
    },
    'play-started': (event) => {
      const batches = event.batches > 1 ? `, ${count(event.batches, 'batch')}` : ''
      return ['', `${palette.bold(`PLAY ${safeLine(event.play)}`)} (${count(event.hosts.length, 'host')}${batches})`]
    },
    'play-skipped': (event) => [
      '',
      `${palette.bold(`PLAY ${safeLine(event.play)}`)} ${status.skipped}: ${safeLine(event.reason)}`,
    ],
    'batch-started': () => [],
    'host-started': () => [],
    'host-connected': (event) =>
      verbosity < 2
        ? []
        : [`${safeLine(event.host)}: connected to ${safeLine(event.description)} (${duration(event.durationMs)})`],
    'operation-started': () => [],
    'operation-finished': operation,
    output: (event) => (verbosity < 2 ? [] : [`${safeLine(event.host)}: ${palette.dim(`| ${safeLine(event.line)}`)}`]),
    'command-sent': (event) =>
      verbosity < 1
        ? []
        : safeLines(event.script).map(
            (line) => `${safeLine(event.host)}: ${palette.dim(`${safeLine(event.user)}$ ${line}`)}`,
          ),
    'asked-ahead': (event) =>
      verbosity < 1
        ? []
        : [
            `${safeLine(event.host)}: ${palette.dim(`${safeLine(event.user)}: ${count(event.questions, 'question')} asked ahead`)}`,
          ],
    logged: (event) => safeLines(event.message).map((line) => `${safeLine(event.host)}: ${line}`),
    'effect-finished': (event) => effect(event, status, palette),
    'host-finished': (event) => hostEnd(event, palette),
    'play-finished': () => [],
    stopping: (event) => [palette.changed(`stopping: ${safeLine(event.message)}`)],
    'run-finished': () => [],
  }
}

const oneLine = ({ message }: ErrorReport) => [`  ${safeLine(message.split('\n', 1)[0] ?? '')}`]

function effect(
  event: EffectFinished,
  status: Readonly<Record<EffectFinished['status'], string>>,
  palette: Palette,
): string[] {
  const line = `${safeLine(event.host)}: ${status[event.status]} effect ${safeLine(event.name)}`
  return [line, ...(event.error ? errorLines(event.error, palette) : [])]
}

/** A failed host's error is told in full at the end; here is when and where it happened. */
function hostEnd(event: HostFinished, palette: Palette): string[] {
  const host = safeLine(event.host)
  const why = event.reason ?? event.error?.message
  const said = why === undefined ? '' : `: ${safeLine(why.split('\n', 1)[0] ?? '')}`
  switch (event.status) {
    case 'ok':
      return []
    case 'predicted':
      return [`${host}: ${palette.may('not predicted further')}${said}`]
    case 'failed':
    case 'unreachable':
    case 'aborted':
      return [`${host}: ${palette.failed(event.status.toUpperCase())}${said}`]
  }
}
