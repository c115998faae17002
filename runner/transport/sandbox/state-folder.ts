import { spawn } from 'node:child_process'
import { chmod, chown, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TsplayError } from '../../model/errors.ts'
import { isRoot } from './machine.ts'

/**
 * Where a host's own files lie: `root` is its /, `local` its /usr/local. Made once; both belong to the host's root, whose
 * id outside is `owner` (absent: the user's own).
 */
export async function makeHostState(folder: string, name: string, owner: number | undefined): Promise<string> {
  const state = join(folder, name)
  await mkdir(state, { recursive: true, mode: 0o700 })
  await makeOwned(join(state, 'root'), owner)
  // Once the host has run, what is below is the host's: nothing is touched there again.
  if (await makeOwned(join(state, 'local'), owner)) {
    for (const part of ['bin', 'etc', 'include', 'lib', 'sbin', 'share', 'src']) {
      await makeOwned(join(state, 'local', part), owner)
    }
  }
  return state
}

async function makeOwned(path: string, owner: number | undefined): Promise<boolean> {
  try {
    await mkdir(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  await chmod(path, 0o755)
  if (owner !== undefined) await chown(path, owner, owner)
  return true
}

/** Keeps two runs from using the same hosts at once. Throws TsplayError USAGE when another process has them. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const self = `${process.pid} ${await startOf(process.pid)}`
  for (let tries = 0; tries < 3; tries++) {
    try {
      await writeFile(path, self, { flag: 'wx', mode: 0o600 })
      return () => unlink(path).catch(() => {})
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    const [pid = 0, start] = holder.split(' ').map(Number)
    if (pid > 0 && (await startOf(pid)) === start) {
      throw new TsplayError('USAGE', `the sandbox in ${folder} is in use by process ${pid}`, {
        hint: 'wait for the other run to end',
      })
    }
    await unlink(path).catch(() => {})
  }
  throw new TsplayError('USAGE', `the sandbox in ${folder} can't be locked`)
}

/** When a process started, in ticks since boot, so that a number used again is not taken for the old process; 0: gone. */
async function startOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? 0)
}

/** Removes a state folder with everything that its hosts made. */
export async function removeState(folder: string, count: number): Promise<void> {
  if (isRoot()) return rm(folder, { recursive: true, force: true })
  // Files of other ids, and folders that their owner may not enter, yield only to root of a user namespace.
  const map = ['--map-root-user', ...(count > 1 ? ['--map-auto'] : [])]
  await new Promise((resolve) => {
    spawn('unshare', [...map, 'rm', '-rf', '--', folder], { stdio: 'ignore' })
      .once('error', resolve)
      .once('exit', resolve)
  })
  await rm(folder, { recursive: true, force: true })
}
