import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import picomatch from 'picomatch'
import { callerFolder } from '../../../runner/model/call-site.ts'
import { TsplayError } from '../../../runner/model/errors.ts'

/** Something in a directory of the control machine. Paths are relative to it. */
export type SourceEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly localPath: string
      readonly size: number
      readonly sha256: string
      /** Whether its owner may run it. */
      readonly executable: boolean
    }

/** Whether a path is left out. A pattern without a slash is of names at any depth, another of whole paths. */
export type Excluded = (path: string) => boolean

export function excluded(what: string, patterns: readonly string[]): Excluded {
  const tests = patterns.map((pattern) => {
    const text = pattern.replace(/^\/|\/$/g, '')
    if (text === '') throw new TsplayError('OPTIONS', `${what}: exclude holds an empty pattern`)
    const whole = picomatch(text, { dot: true })
    return pattern.replace(/\/$/, '').includes('/') ? whole : (path: string) => whole(path.split('/').at(-1) ?? '')
  })
  return (path) => tests.some((test) => test(path))
}

/**
 * All that is in a local directory, parents before what is in them, in the order of their bytes. Throws
 * `TsplayError('OPTIONS')` on what can't be read, and on names and link targets with line ends.
 */
export function sourceEntries(what: string, source: string, isExcluded: Excluded): SourceEntry[] {
  const root = resolve(callerFolder(), source)
  const entries: SourceEntry[] = []
  const walk = (path: string) => {
    for (const found of readdirSync(join(root, path), { withFileTypes: true })) {
      const at = path === '' ? found.name : `${path}/${found.name}`
      if (isExcluded(at)) continue
      if (/[\n\r]/.test(at))
        throw new TsplayError('OPTIONS', `${what}: ${JSON.stringify(at)} has a line end in its name`)
      const localPath = join(root, at)
      if (found.isSymbolicLink()) entries.push({ kind: 'link', path: at, target: linkTarget(what, localPath) })
      else if (found.isDirectory()) {
        entries.push({ kind: 'directory', path: at })
        walk(at)
      } else if (found.isFile()) entries.push({ kind: 'file', path: at, localPath, ...measured(localPath) })
      else throw new TsplayError('OPTIONS', `${what}: ${at} is neither a file nor a directory nor a link`)
    }
  }
  try {
    walk('')
  } catch (cause) {
    if (cause instanceof TsplayError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TsplayError('OPTIONS', `${what}: source can not be read: ${why}`, {
      cause,
      hint: 'source is a directory on this machine, relative to the file that names it',
    })
  }
  return entries.toSorted(byPath)
}

export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0

function linkTarget(what: string, path: string): string {
  const target = readlinkSync(path)
  if (!/[\n\r]/.test(target)) return target
  throw new TsplayError('OPTIONS', `${what}: the link ${path} leads to a name with a line end`)
}

interface Measured {
  readonly size: number
  readonly sha256: string
  readonly executable: boolean
}

/** A file that many hosts get is read once, as long as it does not change. */
function measured(path: string): Measured {
  const { mtimeMs, ctimeMs, size, ino, mode } = statSync(path)
  const version = `${mtimeMs} ${ctimeMs} ${size} ${ino} ${mode}`
  const found = known.get(path)
  if (found?.version === version) return found.measured
  const fresh = { size, sha256: digestOf(path), executable: (mode & 0o100) !== 0 }
  known.set(path, { version, measured: fresh })
  return fresh
}

const known = new Map<string, { readonly version: string; readonly measured: Measured }>()

function digestOf(path: string): string {
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(1 << 20)
  const file = openSync(path, 'r')
  try {
    for (let length = 1; length > 0;) {
      length = readSync(file, chunk)
      hash.update(chunk.subarray(0, length))
    }
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
