import { quote } from '../model/quote.ts'

/** A way to become another user. */
export interface BecomeMethod {
  readonly name: 'sudo' | 'su' | 'doas' | 'run0'
  /**
   * The command that starts a shell text as the user. `prompt` is a text of ours to ask for the password with, where the
   * method lets us choose; `terminal`: whether it has a terminal.
   */
  command(user: string, prompt: string, script: string, terminal: boolean): string
  /**
   * What it says on the error stream, or its terminal, when it wants the password. The password is sent only when it was
   * said.
   */
  question(prompt: string): RegExp
  /** What it says when it does not work without a terminal; undefined for one that never needs any. */
  readonly wantsTerminal: RegExp | undefined
  /** Whether it takes the password from its terminal, and not from standard input. */
  readonly typed: boolean
  /** Whose password it wants. */
  readonly passwordOf: 'login' | 'target'
}

/** Everything a method says is matched in English. */
const english = 'exec env LC_ALL=C'

/** A question at the end of what was said. */
const question = () => /(?:^|\n)[^\n]*[Pp]assword: ?$/

const sudo: BecomeMethod = {
  name: 'sudo',
  command: (user, prompt, script) =>
    `${english} sudo -S -p ${quote(prompt)} -u ${quote(user)} -H -- /bin/sh -c ${quote(script)}`,
  question: (prompt) => new RegExp(prompt),
  wantsTerminal: /must have a tty/,
  typed: false,
  passwordOf: 'login',
}

const su: BecomeMethod = {
  name: 'su',
  command: (user, _prompt, script) => `${english} su -s /bin/sh -c ${quote(script)} -- ${quote(user)}`,
  question,
  wantsTerminal: undefined,
  typed: false,
  passwordOf: 'target',
}

const doas: BecomeMethod = {
  name: 'doas',
  command: (user, _prompt, script, terminal) =>
    `${english} doas${terminal ? '' : ' -n'} -u ${quote(user)} -- /bin/sh -c ${quote(script)}`,
  question,
  wantsTerminal: /doas: (?:Authoriz|Authentic)ation required|doas: a tty is required/i,
  typed: true,
  passwordOf: 'login',
}

const run0: BecomeMethod = {
  name: 'run0',
  command: (user, _prompt, script, terminal) =>
    `${english} run0${terminal ? '' : ' --no-ask-password'} --user=${quote(user)} -- /bin/sh -c ${quote(script)}`,
  question,
  wantsTerminal: /interactive authentication required/i,
  typed: true,
  passwordOf: 'login',
}

const methods = { sudo, su, doas, run0 }

/** @default sudo */
export const becomeMethod = (name: BecomeMethod['name'] = 'sudo'): BecomeMethod => methods[name]
