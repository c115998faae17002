import { readFile } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { sourceExcerpt } from './source-excerpt.ts'

/** One error of the compiler's. Without a file it is about the configuration. */
export interface Diagnostic {
  readonly file?: string
  readonly line: number
  readonly column: number
  /** `TS2353`. */
  readonly code: string
  /** One line or several. */
  readonly message: string
}

const shown = 10

/** Reads what `tsc --pretty false --listFiles` printed in a folder: errors, and the files that it looked at. */
export function readDiagnostics(output: string, folder: string) {
  const diagnostics: Diagnostic[] = []
  const files: string[] = []
  for (const line of output.split(/\r?\n/)) {
    const match = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line)
    const last = diagnostics.at(-1)
    if (match) {
      const [, file, row, column, code = '', message = ''] = match
      const at = { line: Number(row ?? 0), column: Number(column ?? 0) }
      diagnostics.push({ ...(file === undefined ? {} : { file: resolve(folder, file) }), ...at, code, message })
    } else if (isAbsolute(line)) files.push(line)
    else if (/^\s+\S/.test(line) && last) {
      diagnostics[diagnostics.length - 1] = { ...last, message: `${last.message}\n${line}` }
    }
  }
  return { diagnostics, files }
}

/** Errors for people: place, message, the line of source and a caret. The first ten in full. */
export async function showDiagnostics(diagnostics: readonly Diagnostic[]): Promise<string> {
  const blocks = await Promise.all(diagnostics.slice(0, shown).map(show))
  const more = diagnostics.length - shown
  return [...blocks, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

async function show({ file, line, column, code, message }: Diagnostic): Promise<string> {
  if (file === undefined) return `${message} (${code})`
  const source = (await readFile(file, 'utf8').catch(() => '')).split('\n')[line - 1] ?? ''
  const short = relative(process.cwd(), file)
  const place = `${short.startsWith('..') ? file : short}:${line}:${column}`
  return `${place}: ${message} (${code})\n${sourceExcerpt(source, line, column)}`
}
