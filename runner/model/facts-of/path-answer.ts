import { createHash } from 'node:crypto'
import { TsplayError } from '../errors.ts'
import type { FileState, OtherState, Ownership, PathState, ResolvedState } from './path-state.ts'

/** Reads what the path probe's script printed. Throws a TsplayError where the host could not, or would not, tell. */
export function parsePath(path: string, raw: string): PathState {
  const text = /^([^]*)\nend\n?$/.exec(`\n${raw}`)?.[1]?.slice(1)
  if (text === undefined) throw unclear(path, raw)
  const link = /^(?:link ([^\n]*)|link-hex ([0-9a-f]*))(?:\nreal ([^\n]*))?\n/.exec(text)
  if (!link) return resolvedState(path, text, raw)
  const [whole, plain, hex, realPath] = link
  const target = plain ?? Buffer.from(hex ?? '', 'hex').toString()
  const state = resolvedState(path, text.slice(whole.length), raw)
  return { kind: 'link', target, ...(realPath === undefined ? {} : { realPath }), resolved: state }
}

function resolvedState(path: string, text: string, raw: string): ResolvedState {
  if (text === 'absent') return { kind: 'absent' }
  if (text === 'denied') throw denied(path)
  const match = /^stat (\d+) ([0-9a-f]+) (\d+) (\d+)\n(.*)\n(.*)(?:\n([^]*))?$/.exec(text)
  if (!match) throw unclear(path, raw)
  const [, size, hexMode = '', uid = '', gid = '', owner = '', group = '', rest] = match
  const bits = parseInt(hexMode, 16)
  const ownership: Ownership = {
    mode: (bits & 0o7777).toString(8).padStart(4, '0'),
    owner: owner === 'UNKNOWN' || owner === '' ? uid : owner,
    group: group === 'UNKNOWN' || group === '' ? gid : group,
    uid: Number(uid),
    gid: Number(gid),
  }
  switch (bits & 0o170000) {
    case 0o100000:
      return { kind: 'file', ...ownership, size: Number(size), ...contents(path, rest) }
    case 0o040000:
      return { kind: 'directory', ...ownership }
    default:
      return { kind: 'other', ...ownership, what: others[(bits & 0o170000) >> 12] ?? 'unknown type' }
  }
}

/** File types of inode(7), shifted. */
const others: Readonly<Record<number, OtherState['what']>> = {
  0o14: 'socket',
  0o06: 'block device',
  0o02: 'character device',
  0o01: 'pipe',
}

function contents(path: string, rest: string | undefined): Pick<FileState, 'sha256' | 'content'> {
  if (rest === undefined) return {}
  if (rest === 'unreadable') throw denied(path)
  const match = /^sha256 ([0-9a-f]{64})(?:\ncontent\n([^]*))?$/.exec(rest)
  const sha256 = match?.[1]
  if (sha256 === undefined) {
    throw new TsplayError('COMMAND', `${path}: its SHA-256 could not be read`, {
      hint: 'is sha256sum (coreutils or busybox) installed, and does the disk answer?',
    })
  }
  const printed = match?.[2]
  // What is not UTF-8, or was written to meanwhile, does not have the digest.
  const whole = printed !== undefined && createHash('sha256').update(printed).digest('hex') === sha256
  return whole ? { sha256, content: printed } : { sha256 }
}

const denied = (path: string) =>
  new TsplayError('COMMAND', `${path}: permission denied, so nobody can tell what is there`, {
    hint: "become a user who may look there: become: true in the play, or host.as('root')",
  })

const unclear = (path: string, raw: string) =>
  new TsplayError(
    'COMMAND',
    `${path}: the host's answer about this path makes no sense: ${JSON.stringify(raw.slice(0, 200))}`,
    {
      hint: 'the host needs a POSIX shell, and stat and readlink of coreutils or busybox',
    },
  )
