import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { sha256 } from '../../model/content.ts'
import { idRange } from './machine.ts'
import { lockFolder, removeState } from './state-folder.ts'

/**
 * Where the hosts of `sandbox:N` keep their files between runs from one folder of the user's: below `$XDG_CACHE_HOME`
 * (`~/.cache`), as the XDG base directory specification has it for what may be lost.
 */
export function keptFolder(project: string): string {
  const wanted = process.env['XDG_CACHE_HOME']
  // A relative path there is to be ignored.
  const cache = wanted?.startsWith('/') === true ? wanted : join(homedir(), '.cache')
  return join(cache, 'tsplay', 'sandbox', sha256(resolve(project)).slice(0, 16))
}

/**
 * Removes kept hosts, so that the next sandbox there begins anew. Gives false where there were none. Throws TsplayError
 * USAGE while another process uses them.
 */
export async function resetSandbox(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) return false
  const release = await lockFolder(folder)
  try {
    await removeState(folder, (await idRange()).count)
  } finally {
    await release()
  }
  return true
}
