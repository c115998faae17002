import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { eventually } from './processes.ts'

export interface SudoUser extends AsyncDisposable {
  readonly name: string
}

let count = 0

/** A user of this machine with the password `right`, and sudo rules of its own (`USER` stands for it). Needs root. */
export function sudoUser(rules: string): SudoUser {
  const name = `tsplay-${process.pid}-${(count += 1)}`
  const file = `/etc/sudoers.d/${name}`
  execFileSync('useradd', ['--no-create-home', '--home-dir', '/tmp', '--shell', '/bin/sh', name])
  execFileSync('chpasswd', { input: `${name}:right\n` })
  if (rules !== '') writeFileSync(file, `${rules.replaceAll('USER', name)}\n`, { mode: 0o440 })
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      rmSync(file, { force: true })
      // sudo takes a few seconds to end after a wrong password, and a user with processes is not removed.
      if (!(await eventually(() => spawnSync('userdel', [name]).status === 0, 5000))) throw new Error(`${name} is left`)
    },
  }
}
