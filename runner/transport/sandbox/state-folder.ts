import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TsplayError } from '../../model/errors.ts'
import { isRoot } from './machine.ts'

/** Where a host's own files lie: `root` is its /, `local` its /usr/local. */
export async function makeHostState(folder: string, name: string, owner: number | undefined): Promise<string> {
  const state = join(folder, name)
  for (const part of ['root', 'local']) {
    const path = join(state, part)
    const made = await mkdir(path, { recursive: true, mode: 0o755 })
    if (made !== undefined && owner !== undefined) await chownOwn(path, owner)
    if (made !== undefined && part === 'local') await makeLocal(path, owner)
  }
  return state
}

async function chownOwn(path: string, owner: number): Promise<void> {
  const { chown } = await import('node:fs/promises')
  await chown(path, owner, owner)
}

async function makeLocal(path: string, owner: number | undefined): Promise<void> {
  for (const name of ['bin', 'etc', 'include', 'lib', 'sbin', 'share', 'src']) {
    await mkdir(join(path, name), { mode: 0o755 })
    if (owner !== undefined) await chownOwn(join(path, name), owner)
  }
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
