import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { LoadHook, ResolveHook } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cached } from './cache.ts'
import { syntaxFailure } from './syntax-failure.ts'

/*
 * Module hooks for the user's own TypeScript. They run in a thread of their own (see `module.register`), so nothing here
 * can be shared with the rest of the process.
 */

const typescript = /\.[mc]?ts$/
/** What TypeScript reads for a specifier that names the JavaScript which is never written here. */
const sources: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' }

const foreign = (url: string) => !url.startsWith('file:') || url.includes('/node_modules/')

/** Finds TypeScript files behind the specifiers that TypeScript accepts, and the running tsplay behind its own name. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const parent = context.parentURL
  if (/^tsplay(?:\/|$)/.test(specifier)) return ownPackage(specifier, context, next)
  if (parent === undefined || foreign(parent) || !/^(?:\.{1,2}(?:\/|$)|\/|file:)/.test(specifier)) {
    return next(specifier, context)
  }
  const found = sourceFile(new URL(specifier, parent))
  return found === undefined ? next(specifier, context) : next(found.href, context)
}

/** The TypeScript file that a URL stands for; `undefined` where it means what it says. */
function sourceFile(url: URL): URL | undefined {
  const candidates = [
    url.pathname.replace(/\.[mc]?js$/, (extension) => sources[extension] ?? extension),
    ...(/\.\w+$/.test(url.pathname) && existsSync(url) ? [] : [`${url.pathname}.ts`, `${url.pathname}/index.ts`]),
  ]
  for (const pathname of candidates) {
    const candidate = new URL(url)
    candidate.pathname = pathname
    if (typescript.test(pathname) && existsSync(candidate)) return candidate
  }
  return undefined
}

/** The entry points of the package, from here. */
const entries: Readonly<Record<string, string>> = {
  tsplay: '../index',
  'tsplay/tasks': '../../tasks/index',
  'tsplay/testing': '../testing',
}

/**
 * One process must hold one tsplay: a second copy has secrets and classes of its own. So a copy of the same version is
 * passed over for the one that runs, and where the playbook's folder has none, the one that runs is found.
 */
const ownPackage: ResolveHook = async (specifier, context, next) => {
  const entry = entries[specifier]
  if (entry === undefined) return next(specifier, context)
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const running = new URL(entry + extension, import.meta.url).href
  const theirs = await Promise.resolve(next(specifier, context)).catch(() => undefined)
  if (theirs !== undefined && theirs.url !== running) {
    const [there, here] = await Promise.all([theirs.url, running].map(versionOf))
    if (there !== here) {
      throw new Error(
        `the playbook's folder has tsplay ${there}, but tsplay ${here} runs: start the folder's own, with npx tsplay`,
      )
    }
  }
  return next(running, context)
}

async function versionOf(url: string): Promise<string | undefined> {
  for (let folder = new URL('.', url); ; folder = new URL('..', folder)) {
    const manifest = new URL('package.json', folder)
    if (existsSync(manifest)) {
      const { version }: { version?: string } = JSON.parse(await readFile(manifest, 'utf8'))
      return version
    }
    if (folder.pathname === '/') return undefined
  }
}

/** Turns TypeScript into JavaScript modules, whatever a package.json above says of `type`. */
export const load: LoadHook = async (url, context, next) => {
  const { pathname } = new URL(url)
  if (foreign(url)) return next(url, context)
  if (pathname.endsWith('.json') && context.importAttributes['type'] === undefined) {
    const text = await readFile(fileURLToPath(url), 'utf8')
    return { format: 'module', source: `export default ${JSON.stringify(JSON.parse(text))}`, shortCircuit: true }
  }
  if (!typescript.test(pathname)) return next(url, context)
  const format = pathname.endsWith('.cts') ? 'commonjs' : 'module'
  return { format, source: await javascript(fileURLToPath(url), format), shortCircuit: true }
}

async function javascript(file: string, format: 'module' | 'commonjs'): Promise<string> {
  const text = await readFile(file, 'utf8')
  // The release of this code stands for that of esbuild, whose output it determines.
  const key = createHash('sha256').update([process.version, release, format, file, text].join('\0')).digest('hex')
  return cached(`modules/${key}.js`, () => transpile(file, text, format))
}

/** Raised whenever the options below change, or esbuild's output matters. */
const release = '1'

async function transpile(file: string, text: string, format: 'module' | 'commonjs'): Promise<string> {
  // Loaded here, since most runs find everything in the cache.
  const esbuild = await import('esbuild')
  try {
    const { code } = await esbuild.transform(text, {
      loader: 'ts',
      format: format === 'module' ? 'esm' : 'cjs',
      // Lowers what this Node does not know yet: `await using` before 24.
      target: `node${process.versions.node}`,
      sourcemap: 'inline',
      sourcesContent: false,
      sourcefile: pathToFileURL(file).href,
      // The nearest tsconfig.json is not read: what a playbook does must not depend on it.
      tsconfigRaw: {},
    })
    return code
  } catch (error) {
    throw syntaxFailure(file, error)
  }
}
