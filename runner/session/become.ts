import { TsplayError, type ErrorDetails } from '../model/errors.ts'
import { quote } from '../model/quote.ts'

/**
 * The command that starts a shell text as another user. The prompt is ours, so that the password is sent only when it
 * is asked for; the language too, so that what sudo says can be told apart.
 */
export const becomeCommand = (user: string, prompt: string, script: string): string =>
  `exec env LC_ALL=C sudo -S -p ${quote(prompt)} -u ${quote(user)} -H -- /bin/sh -c ${quote(script)}`

/** Why sudo ended without starting anything, from what it said. */
export function becomeFailure(user: string, where: string, said: string): TsplayError {
  const text = said.trim()
  const last = text.split('\n').at(-1)?.trim() ?? ''
  const fail = (message: string, hint: string, details: ErrorDetails = {}) =>
    new TsplayError('BECOME', `${where}: can not become ${user}: ${message}`, { ...details, hint })
  if (/\bsudo\b.*(not found|no such file|unknown command)/i.test(text)) {
    return fail('sudo is not installed', 'install sudo on the host, or connect as root (ansible_user: root)')
  }
  if (/must have a tty/.test(text)) {
    return fail('sudo wants a terminal (requiretty)', 'remove `Defaults requiretty` for this user in /etc/sudoers')
  }
  if (/no password was provided|password is required|incorrect password|Sorry, try again/i.test(text)) {
    return wrongPassword(user, where)
  }
  if (/not in the sudoers file|is not allowed to|may not run sudo|not allowed to execute/.test(text)) {
    return fail(last, `allow it in /etc/sudoers.d; \`sudo -l\` on the host shows what the user may do`)
  }
  if (/unknown user/.test(text)) return fail('there is no such user on the host', `create the user ${user} first`)
  return fail(last || 'sudo ended without a word', 'try `sudo -v` on the host: it shows what is wrong')
}

export const wrongPassword = (user: string, where: string): TsplayError =>
  new TsplayError('BECOME', `${where}: can not become ${user}: wrong password for sudo`, {
    hint: 'give the right one with -K, or set ansible_become_password',
  })

export const noPassword = (user: string, where: string, cause?: unknown): TsplayError =>
  new TsplayError('BECOME', `${where}: can not become ${user}: sudo wants a password`, {
    cause,
    hint: 'give it with -K, set ansible_become_password, or allow the user NOPASSWD in /etc/sudoers.d',
  })
