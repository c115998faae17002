import { posix } from 'node:path'

/** One import, export-from or dynamic import of a source file. */
export interface Import {
  readonly file: string
  readonly line: number
  /** A path from the root of the project, or a package with what follows its name. */
  readonly target: string
  readonly of: 'us' | 'package' | 'node'
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean
}

const statement = /^(?:import|export)\b([^'"`;=]*?)\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

/** All imports of a source text, in order. `file` is its path from the root of the project, with `/`. */
export function importsOf(file: string, text: string): Import[] {
  const code = withoutTemplates(text)
  return [...code.matchAll(statement)].map((match) => {
    const [, names = '', from, bare, dynamic] = match
    const target = from ?? bare ?? dynamic ?? ''
    const of = target.startsWith('.') ? 'us' : target.startsWith('node:') ? 'node' : 'package'
    return {
      file,
      line: code.slice(0, match.index).split('\n').length,
      target: of === 'us' ? posix.normalize(posix.join(posix.dirname(file), target)) : target,
      of,
      typeOnly: from !== undefined && isTypeOnly(names),
    }
  })
}

function isTypeOnly(names: string): boolean {
  if (/^\s*type\b/.test(names)) return true
  const inside = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]
  const parts = inside?.split(',').filter((part) => part.trim() !== '') ?? []
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part))
}

/** Programs that are written as text have import lines that are not the file's. */
const withoutTemplates = (text: string) =>
  text.replace(/`(?:[^`\\]|\\[^])*`/g, (template) => template.replace(/[^\n]/g, ' '))

/** The rings of imports between files, each once; imports of types alone make none. */
export function cycles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { file, target, of, typeOnly } of imports) {
    if (of === 'us' && !typeOnly) next.set(file, [...(next.get(file) ?? []), target])
  }
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file)
    if (start >= 0) {
      found.push([...path.slice(start), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const target of next.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}
