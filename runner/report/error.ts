import { relative } from 'node:path'
import type { ErrorReport } from '../engine/events.ts'
import type { Palette } from './palette.ts'
import { safeLine, safeLines } from './terminal-safe.ts'
import type { HostFailure } from './state.ts'
import { names } from './wording.ts'

/** The last lines of a host's standard error that are shown, and of its names in a group. */
const limits = { stderr: 12, message: 20, command: 6, hosts: 12, stack: 12 }

/** Hosts that failed in the same play for the same reason. */
export interface FailureGroup {
  readonly hosts: readonly string[]
  readonly play: string
  readonly status: HostFailure['status']
  readonly reason: string | undefined
  readonly error: ErrorReport | undefined
}

/** One group per play and error, in the order of their first failure. A host's own name in the texts makes no difference. */
export function groupFailures(failures: readonly HostFailure[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup & { readonly hosts: string[] }>()
  for (const { host, play, status, reason, error } of failures) {
    const key = JSON.stringify([
      play,
      status,
      ...[reason ?? '', JSON.stringify(error) ?? ''].map((text) => nameless(text, host)),
    ])
    const group = groups.get(key)
    if (group) group.hosts.push(host)
    else groups.set(key, { hosts: [host], play, status, reason, error })
  }
  return [...groups.values()]
}

/** Very short names would match anywhere: an exit code, part of a word. */
const nameless = (text: string, host: string) => (host.length < 3 ? text : text.replaceAll(host, '<host>'))

/** A failure in full: hosts, play, task path, message, command, exit code, last lines of its errors, place and hint. */
export function failureLines(group: FailureGroup, palette: Palette): string[] {
  const who = names(group.hosts, limits.hosts)
  const many = group.hosts.length > 1 ? ` (${group.hosts.length} hosts)` : ''
  const head =
    palette.failed(`${group.status.toUpperCase()} ${who}${many}`) + palette.dim(` in ${safeLine(group.play)}`)
  const reason = group.reason === undefined || group.error ? [] : [`  ${safeLine(group.reason)}`]
  return [head, ...reason, ...(group.error ? errorLines(group.error, palette) : [])]
}

/** An error as indented lines, without the host. */
export function errorLines(error: ErrorReport, palette: Palette): string[] {
  const labelled = (label: string, lines: readonly string[]) =>
    lines.map((line, i) => `  ${palette.dim(i === 0 ? `${label}:`.padEnd(9) : ' '.repeat(9))} ${line}`)
  const [message = '', ...rest] = firstOf(safeLines(error.message), limits.message)
  return [
    `  ${palette.bold(message)}${palette.dim(` [${error.code}]`)}`,
    ...rest.map((line) => `  ${line}`),
    ...(error.taskPath?.length ? labelled('task', [error.taskPath.map(safeLine).join(' > ')]) : []),
    ...(error.at === undefined || error.message.includes(`${shortPath(error.at)}: `)
      ? []
      : labelled('at', [safeLine(shortPath(error.at))])),
    ...(error.command === undefined ? [] : labelled('command', firstOf(safeLines(error.command), limits.command))),
    ...(error.exitCode === undefined ? [] : labelled('exit', [exitText(error.exitCode)])),
    ...(error.stderr ? labelled('stderr', lastOf(safeLines(error.stderr), limits.stderr)) : []),
    ...(error.stdout ? labelled('output', lastOf(safeLines(error.stdout), limits.stderr)) : []),
    ...(error.hint === undefined ? [] : labelled('hint', safeLines(error.hint))),
    ...(error.stack === undefined ? [] : labelled('stack', firstOf(safeLines(error.stack), limits.stack))),
  ]
}

const exitText = (code: number | null) => (code === null ? 'ended by a signal, or lost' : String(code))

const firstOf = (lines: string[], limit: number) =>
  lines.length > limit ? [...lines.slice(0, limit), `(${lines.length - limit} more lines)`] : lines

const lastOf = (lines: string[], limit: number) =>
  lines.length > limit ? [`(${lines.length - limit} lines before)`, ...lines.slice(-limit)] : lines

/** Below the current folder a path is clearer, and still opens in editors, without it. */
function shortPath(at: string): string {
  if (!at.startsWith('/')) return at
  const short = relative(process.cwd(), at)
  return short.startsWith('..') ? at : short
}
