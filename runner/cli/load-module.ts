import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TsplayError } from '../model/errors.ts'
import { loadFailure } from './load-failure.ts'
import { registerHooks } from './newer-node.ts'
import * as typescript from './typescript-hooks.ts'

let hooks: Promise<void> | undefined

/** Once per process: each registration would put one more layer around every import. `text` is the module's own. */
async function hook(text: string): Promise<void> {
  // Before the hooks, through which each file would otherwise pass, maybe by way of another thread.
  await Promise.all([import('../index.ts'), ...(text.includes('tsplay/tasks') ? [import('../../tasks/index.ts')] : [])])
  process.setSourceMapsEnabled(true)
  // The other way waits a tenth of a second and more for a thread.
  if (registerHooks !== undefined) return registerHooks(typescript)
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  register(new URL(`./typescript-hooks.${extension}`, import.meta.url))
}

/**
 * Loads a module of the user's: TypeScript or JavaScript, with top-level await, with or without a tsconfig.json, and
 * whatever `type` a package.json above it has. Stacks name its own files and lines.
 *
 * Throws TsplayError PLAYBOOK when it is not there, is no TypeScript, or throws while it is loaded.
 */
export async function loadModule(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EISDIR' ? 'it is a folder' : error.message
    throw new TsplayError('PLAYBOOK', `${file} can not be read: ${why}`)
  })
  await (hooks ??= hook(text))
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    throw await loadFailure(file, error)
  }
}
