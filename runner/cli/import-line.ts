import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { sourceExcerpt } from './source-excerpt.ts'

export interface ImportLine {
  /** `file:line:column` of the specifier. */
  readonly at: string
  readonly excerpt: string
}

/**
 * Where a module imports something by a specifier: the first such line in a file or in those that it imports by relative
 * paths. Node names neither line nor, often, file. `undefined` where no line holds it.
 */
export async function findImport(file: string, specifier: string, name?: string): Promise<ImportLine | undefined> {
  const seen = new Set<string>()
  const queue = [resolve(file)]
  for (let next = queue.shift(); next !== undefined && seen.size < 500; next = queue.shift()) {
    const path = next
    if (seen.has(path)) continue
    seen.add(path)
    const text = await readFile(path, 'utf8').catch(() => '')
    for (const match of text.matchAll(/(?:from|import)\s*\(?\s*(['"])(.+?)\1/g)) {
      const [whole, , found = ''] = match
      const clause = text.slice(text.lastIndexOf('import', match.index), match.index)
      const named = name === undefined || new RegExp(`\\b${name.replaceAll('$', '\\$')}\\b`).test(clause)
      if (found === specifier && named) return place(path, text, match.index + whole.length - found.length - 1)
      if (found.startsWith('.')) queue.push(...sourcesOf(resolve(dirname(path), found)))
    }
  }
  return undefined
}

const sourcesOf = (path: string) => [path.replace(/\.([mc]?)js$/, '.$1ts'), path, `${path}.ts`]

function place(file: string, text: string, offset: number): ImportLine {
  const before = text.slice(0, offset).split('\n')
  const line = before.length
  const column = (before.at(-1)?.length ?? 0) + 1
  return { at: `${file}:${line}:${column}`, excerpt: sourceExcerpt(text.split('\n')[line - 1] ?? '', line, column) }
}
