import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The commit that a file's folder is at, and whether anything there differs from it; `undefined` outside git, and before
 * the first commit. One process: to start one holds up all else for as long as this process is large.
 */
export async function gitCommit(file: string): Promise<{ readonly id: string; readonly dirty: boolean } | undefined> {
  try {
    const options = { cwd: dirname(file), timeout: 2000 }
    const { stdout } = await run('git', ['status', '--porcelain=v2', '--branch', '--', '.'], options)
    const id = /^# branch\.oid ([0-9a-f]+)$/m.exec(stdout)?.[1]
    return id === undefined ? undefined : { id, dirty: /^[^#]/m.test(stdout) }
  } catch {
    return undefined
  }
}
