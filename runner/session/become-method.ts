import { quote } from '../model/quote.ts'

/** A way to become another user. */
export interface BecomeMethod {
  readonly name: 'sudo' | 'su' | 'doas' | 'run0'
  /** The command that starts a shell text as the user. `prompt` is a text of ours to ask for the password with, where the method lets us choose. */
  command(user: string, prompt: string, script: string): string
  /**
   * What it says on the error stream when it wants the password; undefined where it takes one from a terminal alone, of
   * which there is none. The password is sent only when it was said.
   */
  question(prompt: string): RegExp | undefined
  /** Whose password it wants. */
  readonly passwordOf: 'login' | 'target'
}

/** Everything a method says is matched in English. */
const english = 'exec env LC_ALL=C'

const sudo: BecomeMethod = {
  name: 'sudo',
  command: (user, prompt, script) =>
    `${english} sudo -S -p ${quote(prompt)} -u ${quote(user)} -H -- /bin/sh -c ${quote(script)}`,
  question: (prompt) => new RegExp(prompt),
  passwordOf: 'login',
}

const su: BecomeMethod = {
  name: 'su',
  command: (user, _prompt, script) => `${english} su -s /bin/sh -c ${quote(script)} -- ${quote(user)}`,
  question: () => /(?:^|\n)[^\n]*[Pp]assword: ?$/,
  passwordOf: 'target',
}

const doas: BecomeMethod = {
  name: 'doas',
  command: (user, _prompt, script) => `${english} doas -n -u ${quote(user)} -- /bin/sh -c ${quote(script)}`,
  question: () => undefined,
  passwordOf: 'login',
}

const run0: BecomeMethod = {
  name: 'run0',
  command: (user, _prompt, script) =>
    `${english} run0 --no-ask-password --user=${quote(user)} -- /bin/sh -c ${quote(script)}`,
  question: () => undefined,
  passwordOf: 'login',
}

const methods = { sudo, su, doas, run0 }

/** @default sudo */
export const becomeMethod = (name: BecomeMethod['name'] = 'sudo'): BecomeMethod => methods[name]
