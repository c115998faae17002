import type { SecretGetter } from '../../../inventory/secrets/resolve-sources.ts'
import { runScript } from '../../../inventory/script-run.ts'
import { TsplayError } from '../../model/errors.ts'
import { Secret } from '../../model/secret.ts'
import type { Prompter } from '../../transport/target.ts'
import type { Console } from '../console.ts'

/** A command that waits for somebody, such as a password manager that is to be unlocked, is waited for so long. */
const commandTimeoutMs = 60_000

/** Gets secrets from the environment, from commands run by /bin/sh in the current folder, and from whoever is at the terminal. */
export const secretGetter =
  ({ env, cwd }: Pick<Console, 'env' | 'cwd'>, prompter: Prompter): SecretGetter =>
  async (kind, text) => {
    if (kind === 'prompt') return prompter.secret(/[:?]\s*$/.test(text) ? text : `${text}:`)
    if (kind === 'env') {
      const value = env[text] ?? ''
      if (value === '') throw new TsplayError('INVENTORY', `the environment variable ${text} is not set`)
      return new Secret(value)
    }
    const printed = await runScript('/bin/sh', ['-c', text], {
      cwd,
      timeoutMs: commandTimeoutMs,
      noun: 'command that prints a secret',
    })
    const value = printed.replace(/\r?\n$/, '')
    if (value === '') throw new TsplayError('INVENTORY', `the command printed nothing: ${text}`)
    return new Secret(value)
  }
