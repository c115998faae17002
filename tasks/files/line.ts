import { TsplayError } from '../../runner/model/errors.ts'
import { absolutePath } from '../../runner/model/facts-of/path-state.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { Secret } from '../../runner/model/secret.ts'
import { certain, inText, showUnknown } from '../../runner/model/unknown.ts'
import { editedFile, type EditOptions } from './edited-file.ts'
import { anchorIndex, joinLines, matches, splitLines, usualEnd } from './text-lines.ts'

export interface LineOptions extends EditOptions {
  /** The line, without its line end. May be left out where `match` says what is to be absent. */
  readonly line?: string | Secret<string>
  /** The last line that this matches is replaced by `line`; for `absent`, every line that it matches is removed. */
  readonly match?: RegExp
  /** Where a new line goes: after the last line that this matches, or at the start. @default at the end */
  readonly after?: RegExp | 'start'
  /** Before the last line that this matches; at the end where none does. */
  readonly before?: RegExp
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

const definition = editedFile('line')

/**
 * One line of a text file. With `match`, the last line that it matches becomes `line`; otherwise `line` is added unless
 * it is there already. Line ends are those of the file. For two lines in one file, use two `line`s; for several together,
 * a `block`.
 * @example
 * await host.ensure(line({ path: '/etc/ssh/sshd_config', match: /^#?PermitRootLogin\b/, line: 'PermitRootLogin no' }))
 * await host.ensure(line({ path: '/etc/hosts', match: /\sold-name$/, state: 'absent' }))
 */
export function line(options: LineOptions): Resource<{ readonly path: string }> {
  const { line: given, match, after, before, state = 'present', ...file } = options
  const path = absolutePath(options.path)
  const wanted = checkedLine(path, inText(given))
  const shown = match === undefined ? (typeof wanted === 'string' ? showUnknown(wanted) : '<secret>') : String(match)
  const id = `${path} (${shown})`
  if (after !== undefined && before !== undefined) {
    throw new TsplayError('OPTIONS', `line ${id}: after and before exclude each other`)
  }
  if (wanted === undefined && (match === undefined || state === 'present')) {
    const needs = state === 'present' ? 'line is needed' : 'line or match is needed'
    throw new TsplayError('OPTIONS', `line ${id}: ${needs}`)
  }
  const edit =
    state === 'present'
      ? (text: string, whole: string | undefined) => present(text, whole ?? '', match, { after, before })
      : (text: string, whole: string | undefined) => without(text, whole, match)
  return definition({
    ...file,
    path,
    id,
    absentIsFine: state === 'absent',
    edit: (text) => (wanted instanceof Secret ? wanted.map((whole) => edit(text, whole)) : edit(text, wanted)),
  })
}

function checkedLine(path: string, line: unknown): string | Secret<string> | undefined {
  if (line === undefined) return undefined
  if (line instanceof Secret) return (line as Secret<string>).map((text) => singleLine(path, text))
  if (typeof line === 'string') return singleLine(path, line)
  throw new TsplayError('OPTIONS', `line in ${path}: line has to be a string or a Secret, not ${typeof line}`)
}

function singleLine(path: string, text: string): string {
  if (!/[\r\n]/.test(text)) return text
  throw new TsplayError('OPTIONS', `line in ${path}: a line can not hold a line end`, {
    hint: 'use block for several lines',
  })
}

function present(
  text: string,
  line: string,
  match: RegExp | undefined,
  anchor: { readonly after: RegExp | 'start' | undefined; readonly before: RegExp | undefined },
): string {
  const lines = splitLines(text)
  const found = match === undefined ? -1 : lines.findLastIndex((each) => matches(match, each.text))
  const old = lines[found]
  if (old !== undefined) return joinLines(lines.with(found, { ...old, text: line }))
  if (lines.some((each) => each.text === line)) return text
  return joinLines(lines.toSpliced(anchorIndex(lines, anchor), 0, { text: line, end: usualEnd(lines) }))
}

function without(text: string, line: string | undefined, match: RegExp | undefined): string {
  const gone = match === undefined ? (each: string) => each === certain(line) : (each: string) => matches(match, each)
  const lines = splitLines(text)
  const left = lines.filter((each) => !gone(each.text))
  return left.length === lines.length ? text : joinLines(left)
}
