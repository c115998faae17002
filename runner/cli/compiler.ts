import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface Compiler {
  /** The script that Node runs. */
  readonly bin: string
  readonly version: string
}

/** The TypeScript (5.5 or later) that a file's folder has, else the one that is installed beside tsplay. */
export function findCompiler(file: string): Compiler | undefined {
  for (const from of [file, import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve('typescript/package.json')
      const { version, bin }: { version: string; bin: { tsc: string } } = JSON.parse(readFileSync(manifest, 'utf8'))
      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major > 5 || (major === 5 && minor >= 5)) return { version, bin: join(dirname(manifest), bin.tsc) }
    } catch {
      // Not there: the next one.
    }
  }
  return undefined
}
