import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire, type LoadFnOutput, type LoadHookContext, type ResolveHookContext } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cached } from './cache.ts'
import { ownVersion } from './own-package.ts'
import { syntaxFailure } from './syntax-failure.ts'

/*
 * Module hooks for the user's own TypeScript. Where Node runs them in a thread of their own (see `module.register`), nothing
 * here can be shared with the rest of the process, and what comes next gives promises; else (`module.registerHooks`) all
 * of it is synchronous. So they wait for nothing, and hand on what they are given.
 */

const typescript = /\.[mc]?ts$/
/** What TypeScript reads for a specifier that names the JavaScript which is never written here. */
const sources: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' }

const foreign = (url: string) => !url.startsWith('file:') || url.includes('/node_modules/')

type NextResolve<R> = (specifier: string, context?: ResolveHookContext) => R

/** Finds TypeScript files behind the specifiers that TypeScript accepts, and the running tsplay behind its own name. */
export function resolve<R>(specifier: string, context: ResolveHookContext, next: NextResolve<R>): R {
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
function ownPackage<R>(specifier: string, context: ResolveHookContext, next: NextResolve<R>): R {
  const entry = entries[specifier]
  if (entry === undefined) return next(specifier, context)
  const there = versionFrom(context.parentURL)
  const here = ownVersion()
  if (there !== undefined && there !== here) {
    throw new Error(
      `the playbook's folder has tsplay ${there}, but tsplay ${here} runs: start the folder's own, with npx tsplay`,
    )
  }
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  return next(new URL(entry + extension, import.meta.url).href, context)
}

/** The version of the tsplay that a file would find by itself; `undefined` where there is none. */
function versionFrom(file: string | undefined): string | undefined {
  if (file?.startsWith('file:') !== true) return undefined
  try {
    const manifest = createRequire(file).resolve('tsplay/package.json')
    const { version }: { version?: string } = JSON.parse(readFileSync(manifest, 'utf8'))
    return version
  } catch {
    return undefined
  }
}

/** Turns TypeScript into JavaScript modules, whatever a package.json above says of `type`. */
export function load<R>(
  url: string,
  context: LoadHookContext,
  next: (url: string, context?: LoadHookContext) => R,
): R | LoadFnOutput {
  const { pathname } = new URL(url)
  if (foreign(url)) return next(url, context)
  if (pathname.endsWith('.json') && context.importAttributes['type'] === undefined) {
    const text = readFileSync(fileURLToPath(url), 'utf8')
    return { format: 'module', source: `export default ${JSON.stringify(JSON.parse(text))}`, shortCircuit: true }
  }
  if (!typescript.test(pathname)) return next(url, context)
  const format = pathname.endsWith('.cts') ? 'commonjs' : 'module'
  return { format, source: javascript(fileURLToPath(url), format), shortCircuit: true }
}

function javascript(file: string, format: 'module' | 'commonjs'): string {
  const text = readFileSync(file, 'utf8')
  // The release of this code stands for that of esbuild, whose output it determines.
  const key = createHash('sha256').update([process.version, release, format, file, text].join('\0')).digest('hex')
  return cached(`modules/${key}.js`, () => transpile(file, text, format))
}

/** Raised whenever the options below change, or esbuild's output matters. */
const release = '1'

function transpile(file: string, text: string, format: 'module' | 'commonjs'): string {
  // Loaded here, since most runs find everything in the cache.
  const esbuild = createRequire(import.meta.url)('esbuild') as typeof import('esbuild')
  try {
    const { code } = esbuild.transformSync(text, {
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
