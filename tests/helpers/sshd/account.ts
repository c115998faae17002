import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface AccountOptions {
  /** @default '/bin/sh' */
  readonly shell?: string
  /** Sets a password; without it there is none that fits. */
  readonly password?: string
  /** What sudo lets it do; `listed`: what `sudoers` says, and nothing else. @default 'nopasswd' */
  readonly sudo?: 'nopasswd' | 'password' | 'none' | 'listed'
  /** Further lines for its sudoers file; `%u` stands for its name. */
  readonly sudoers?: readonly string[]
}

/** A user of this machine that exists for one test. */
export interface Account extends AsyncDisposable {
  readonly name: string
  readonly home: string
  /** What sudo was asked, one line a call; continued lines are joined. */
  sudoCalls(): Promise<string[]>
}

const prefix = 'tsplay-t'
let count = 0

/** Makes an unprivileged user whose home lies in `folder`. It is removed at the end, at the latest by the next rig. */
export async function createAccount(folder: string, options: AccountOptions = {}): Promise<Account> {
  await sweep()
  const name = `${prefix}${process.pid}x${count++}`
  const home = `${folder}/home`
  const log = `${folder}/sudo.log`
  const sudoers = `/etc/sudoers.d/${name}`
  const remove = () => {
    rmSync(sudoers, { force: true })
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        execFileSync('userdel', ['-f', name], { stdio: 'ignore' })
        return
      } catch {
        if (!execFileSync('cut', ['-d:', '-f1', '/etc/passwd'], { encoding: 'utf8' }).split('\n').includes(name)) return
        execFileSync('sleep', ['0.1'])
      }
    }
  }
  process.once('exit', remove)
  await mkdir(home, { recursive: true })
  await retried('useradd', ['-M', '-N', '-d', home, '-s', options.shell ?? '/bin/sh', '-p', '*', name])
  if (options.password !== undefined) await setPassword(name, options.password)
  await run('chown', ['-R', name, home])
  if (options.sudo !== 'none') {
    const tag = options.sudo === 'password' ? '' : 'NOPASSWD: '
    const all = options.sudo === 'listed' ? '' : `${name} ALL=(ALL:ALL) ${tag}ALL\n`
    const extra = (options.sudoers ?? []).map((line) => `${line.replaceAll('%u', name)}\n`).join('')
    // sudo refuses its whole configuration for one bad line, and other tests run at the same time: a rename is one step.
    const draft = `${folder}/sudoers`
    await writeFile(draft, `${all}Defaults:${name} logfile=${log}, !lecture\n${extra}`)
    await chmod(draft, 0o440)
    await run('visudo', ['-cqf', draft])
    await run('install', ['-m', '0440', draft, sudoers])
  }
  return {
    name,
    home,
    async sudoCalls() {
      const text = await readFile(log, 'utf8').catch(() => '')
      return text
        .replace(/\n +/g, ' ')
        .split('\n')
        .filter((line) => line !== '')
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', remove)
      remove()
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function setPassword(name: string, password: string): Promise<void> {
  const { stdout } = await run('openssl', ['passwd', '-6', password])
  await retried('usermod', ['-p', stdout.trim(), name])
}

/** The tools that change /etc/passwd refuse to run at the same time as one another. */
async function retried(file: string, args: readonly string[]): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await run(file, args)
      return
    } catch (error) {
      if (attempt === 50) throw error
      await sleep(20 + Math.random() * 80)
    }
  }
}

/** Removes what test processes that were killed have left. */
async function sweep(): Promise<void> {
  const names = (await readFile('/etc/passwd', 'utf8')).split('\n').flatMap((line) => line.split(':')[0] ?? [])
  for (const name of names) {
    const pid = /^tsplay-t(\d+)x\d+$/.exec(name)?.[1]
    if (pid === undefined || Number(pid) === process.pid || isAlive(Number(pid))) continue
    await rm(`/etc/sudoers.d/${name}`, { force: true })
    await run('userdel', ['-f', name]).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
