import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { TsplayError } from '../model/errors.ts'
import { checkedBefore, rememberChecked } from './checked-files.ts'
import { findCompiler } from './compiler.ts'
import { ownVersion } from './own-package.ts'
import { readDiagnostics, showDiagnostics } from './diagnostics.ts'
import { checkConfig } from './check-config.ts'

/** How a check ended that found nothing wrong. */
export type TypeCheck =
  | { readonly status: 'checked' | 'cached' }
  | { readonly status: 'skipped'; readonly reason: string }

/**
 * Type-checks a playbook and what it imports, in a process of its own, with the TypeScript of its folder or else ours.
 * What was found right before, and has not changed since, is not checked again.
 *
 * Throws TsplayError TYPES that shows the errors, each with its line and a caret. Aborting ends the process.
 */
export async function typeCheck(file: string, signal?: AbortSignal): Promise<TypeCheck> {
  const path = resolve(file)
  const compiler = findCompiler(path)
  if (compiler === undefined) {
    return {
      status: 'skipped',
      reason: 'types are not checked: there is no TypeScript 5.5 or later (npm i -D typescript)',
    }
  }
  const config = await checkConfig(path)
  const key = [path, compiler.version, ownVersion(), config.text]
  if (await checkedBefore(key)) return { status: 'cached' }
  const folder = join(dirname(path), '.tsplay', 'cache')
  const project = join(folder, `tsconfig.${process.pid}.${Date.now()}.json`)
  try {
    // Beside the playbook, since TypeScript looks for @types upwards from its configuration.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(dirname(folder), '.gitignore'), '*\n', { flag: 'wx' }).catch(() => {})
    await writeFile(project, config.text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { status: 'skipped', reason: `types are not checked: ${why}` }
  }
  try {
    const args = [compiler.bin, '-p', project, '--pretty', 'false', '--listFiles']
    const { code, output } = await compile(args, dirname(path), signal)
    const { diagnostics, files } = readDiagnostics(output, dirname(path))
    if (code === 0) {
      await rememberChecked(key, files)
      return { status: 'checked' }
    }
    if (diagnostics.length === 0) {
      return { status: 'skipped', reason: `types are not checked: TypeScript failed: ${output.trim().slice(-500)}` }
    }
    throw await typesError(diagnostics)
  } finally {
    await rm(project, { force: true })
  }
}

async function typesError(diagnostics: Parameters<typeof showDiagnostics>[0]): Promise<TsplayError> {
  const [first] = diagnostics
  const count = diagnostics.length === 1 ? 'a type error' : `${diagnostics.length} type errors`
  const at = first?.file === undefined ? undefined : `${first.file}:${first.line}:${first.column}`
  const node = diagnostics.some(({ code }) => code === 'TS2591' || code === 'TS2580')
  return new TsplayError('TYPES', `${count}\n${await showDiagnostics(diagnostics)}`, {
    ...(at === undefined ? {} : { at }),
    hint: node ? 'Install the types of Node: npm i -D @types/node' : 'To run it all the same: --no-type-check',
  })
}

function compile(args: readonly string[], cwd: string, signal: AbortSignal | undefined) {
  return new Promise<{ readonly code: number; readonly output: string }>((done, fail) => {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024, timeout: 120_000, ...(signal && { signal }) }
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      if (error?.name === 'AbortError') return fail(error)
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      done({ code, output: error?.killed ? 'it took more than 120 s' : stdout + stderr })
    })
  })
}
