import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from './glob.ts'
import { parseLine, type ConfigLine } from './line.ts'

/** A configuration file, with those that it includes in place. */
export interface ConfigFile {
  readonly path: string
  readonly lines: readonly (ConfigLine | Include)[]
  /** Why ssh would refuse it; undefined for a good one. */
  readonly refused: string | undefined
}

export interface Include extends ConfigLine {
  readonly keyword: 'include'
  readonly files: readonly ConfigFile[]
  /** Why it can't be followed here. */
  readonly obstacle: string | undefined
}

export const isInclude = (line: ConfigLine | Include): line is Include => line.keyword === 'include'

export interface FileContext {
  /** The user's home folder. */
  readonly home: string
  /** Whether it is one of the user's: those may begin paths with `~/`. */
  readonly own: boolean
  /** What other paths are relative to. */
  readonly folder: string
  /** Whether others must not be able to write to it. */
  readonly checked: boolean
  /** Told path, size and time of each file that was looked at: equal texts mean an unchanged configuration. */
  readonly onFile: (stamp: string) => void
}

/** OpenSSH's own limit for Include within Include. */
const deepest = 16

/** Reads a file and what it includes, once for all hosts; undefined where there is none. */
export async function readConfigFile(path: string, context: FileContext, depth = 0): Promise<ConfigFile | undefined> {
  const read = await contents(path)
  if (read === undefined) {
    context.onFile(`${path} -`)
    return undefined
  }
  if ('unreadable' in read) return { path, lines: [], refused: read.unreadable }
  context.onFile(`${path} ${read.stamp}`)
  const foreign = read.owner !== 0 && read.owner !== process.getuid?.()
  const lines: (ConfigLine | Include)[] = []
  for (const [index, text] of read.text.split('\n').entries()) {
    const line = parseLine(text, `${path} line ${index + 1}`)
    if (line !== undefined) lines.push(line.keyword === 'include' ? await follow(line, context, depth) : line)
  }
  const refused =
    context.checked && (foreign || (read.mode & 0o022) !== 0) ? `bad owner or permissions on ${path}` : undefined
  return { path, lines, refused }
}

async function follow(line: ConfigLine, context: FileContext, depth: number): Promise<Include> {
  const include = (files: readonly ConfigFile[], obstacle?: string): Include => ({
    ...line,
    keyword: 'include',
    files,
    obstacle,
  })
  if (line.words === undefined || line.words.length === 0) return include([], 'it names no files')
  if (depth >= deepest) return include([], 'too many files include one another')
  const files: ConfigFile[] = []
  for (const word of line.words) {
    if (/[%$]/.test(word)) return include([], `${word} may be another file for each host`)
    if (/^~(?!\/)/.test(word) || (word.startsWith('~') && !context.own)) return include([], `${word} is no path here`)
    const path = word.startsWith('~')
      ? context.home + word.slice(1)
      : word.startsWith('/')
        ? word
        : join(context.folder, word)
    for (const found of await glob(path)) {
      const file = await readConfigFile(found, { ...context, checked: true }, depth + 1)
      if (file !== undefined) files.push(file)
    }
  }
  return include(files)
}

async function contents(path: string) {
  try {
    await using file = await open(path)
    const [text, { size, mtimeMs, ino, uid, mode }] = [await file.readFile('utf8'), await file.stat()]
    return { text, owner: uid, mode, stamp: `${size} ${mtimeMs} ${ino}` }
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    return { unreadable: error instanceof Error ? error.message : String(error) }
  }
}
