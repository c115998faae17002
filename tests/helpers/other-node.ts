import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fetchedFolder } from './fetched.ts'
import { skip } from './suite.ts'

const run = promisify(execFile)

/** The program of another Node release, as npm's package `node` brings it; kept for the next time in the user's cache. */
export async function otherNode(major: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const cache = fetchedFolder()
  const folder = join(cache, `${name}-${major}`)
  const program = join(folder, 'package/bin/node')
  const present = await access(program).then(
    () => true,
    () => false,
  )
  if (present) return program
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, 'new-'))
  try {
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', draft, `${name}@${major}`])
    await run('tar', ['-xzf', join(draft, stdout.trim()), '-C', draft])
    await rm(join(draft, stdout.trim()))
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    skip(`npm does not bring ${name}@${major}: ${String(error).split('\n')[0]}`)
  }
  return program
}
