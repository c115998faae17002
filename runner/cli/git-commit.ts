import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The commit that a file's folder is at, and whether anything there differs from it; `undefined` outside git. */
export async function gitCommit(file: string): Promise<{ readonly id: string; readonly dirty: boolean } | undefined> {
  const git = async (...args: readonly string[]) => {
    const { stdout } = await run('git', args, { cwd: dirname(file), timeout: 2000 })
    return stdout.trim()
  }
  try {
    const [id, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain', '--', '.')])
    return { id, dirty: changes !== '' }
  } catch {
    return undefined
  }
}
