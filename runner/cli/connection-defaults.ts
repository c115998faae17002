import type { Prompter } from '../transport/target.ts'
import type { ConnectionOptions } from './options.ts'
import type { ConnectionDefaults } from './target-of.ts'

/** What the options say of how all hosts are reached; asks for the passwords that `-k` and `-K` want. */
export async function connectionDefaults(options: ConnectionOptions, prompter: Prompter): Promise<ConnectionDefaults> {
  const password = options.askPass ? await prompter.secret('SSH password: ') : undefined
  const becomePassword = options.askBecomePass ? await prompter.secret('Password for sudo: ') : undefined
  return {
    ...(options.acceptNewHostKeys === undefined ? {} : { acceptNewHostKeys: true }),
    ...(options.timeout === undefined ? {} : { connectTimeoutMs: options.timeout * 1000 }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.privateKey === undefined ? {} : { identityFiles: options.privateKey }),
    ...(options.transport === undefined ? {} : { transport: options.transport }),
    ...(password === undefined ? {} : { password }),
    ...(becomePassword === undefined ? {} : { becomePassword }),
  }
}
