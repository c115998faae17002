import { execFile } from 'node:child_process'
import { accessSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const run = promisify(execFile)

/** Where base and hosts lie: kept between runs, since the base takes a minute. */
export const labFolder = (): string =>
  process.env['TSPLAY_LAB'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsplay-lab')

export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Runs one of the lab's scripts while no other process of this machine does. */
export async function locked(lock: string, file: string, ...args: readonly string[]): Promise<string> {
  const folder = labFolder()
  await mkdir(folder, { recursive: true })
  const { stdout } = await run('flock', [join(folder, lock), script(file), ...args])
  return stdout.trim()
}

/** Why lab hosts can not be had here; `undefined` where they can. */
export async function labProblem(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'lab hosts are booted by systemd-nspawn, which needs root'
  try {
    accessSync('/usr/bin/apt-get')
  } catch {
    return 'lab hosts are made of Debian packages, which needs apt-get'
  }
  try {
    await run('unshare', ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', 'true'])
  } catch {
    return 'lab hosts need namespaces, which this kernel or container refuses'
  }
  return undefined
}
