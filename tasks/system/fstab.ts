import { TsplayError } from '../../runner/model/errors.ts'
import { type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { mountText, plainMountText } from '../../runner/model/facts-of/mount.ts'
import type { ScriptStep } from '../../runner/model/step.ts'
import { certain } from '../../runner/model/unknown.ts'

export const fstabPath = '/etc/fstab'

/** systemd makes units of fstab, and keeps the old ones until it is told. */
export const fstabReread: ScriptStep = {
  script: 'if [ -d /run/systemd/system ];then systemctl daemon-reload;fi',
}

/** A line of fstab(5). */
export interface FstabEntry {
  readonly source: string
  /** The mount point; `none` for swap. */
  readonly target: string
  readonly type: string
  readonly options: string
  readonly dump: number
  readonly pass: number
}

/** The file's text; empty where there is none. */
export function fstabText(state: PathState): string {
  const file = resolved(certain(state))
  if (file.kind === 'absent') return ''
  if (file.kind === 'file' && file.content !== undefined) return certain(file.content)
  throw new TsplayError('COMMAND', `${fstabPath} can not be read as text`)
}

/** Reads a line; `undefined` for comments and blank lines. */
export function fstabEntry(line: string): FstabEntry | undefined {
  const words = line.trim().split(/[ \t]+/)
  const [source = '', target, type, options = 'defaults', dump = '0', pass = '0'] = words
  if (source.startsWith('#') || target === undefined || type === undefined) return undefined
  return {
    source: plainMountText(source),
    target: plainMountText(target),
    type,
    options,
    dump: Number(dump),
    pass: Number(pass),
  }
}

const lineOf = ({ source, target, type, options, dump, pass }: FstabEntry) =>
  [mountText(source), mountText(target), type, mountText(options), dump, pass].join(' ')

/**
 * The text with one entry in place of all that `is` finds, where the first of them was, or at the end; without an entry,
 * they go. Other lines, and one that says the same already, stay as they are, blanks and comments included.
 */
export function withEntry(text: string, is: (entry: FstabEntry) => boolean, wanted: FstabEntry | undefined): string {
  let placed = wanted === undefined
  const lines = text.split('\n').flatMap((line): string[] => {
    const entry = fstabEntry(line)
    if (entry === undefined || !is(entry)) return [line]
    if (placed || wanted === undefined) return []
    placed = true
    return [lineOf(entry) === lineOf(wanted) ? line : lineOf(wanted)]
  })
  if (placed || wanted === undefined) return lines.join('\n')
  if (lines.at(-1) === '') lines.pop()
  return [...lines, lineOf(wanted), ''].join('\n')
}
