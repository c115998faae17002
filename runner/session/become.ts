import { TsplayError, type ErrorDetails } from '../model/errors.ts'
import type { BecomeMethod } from './become-method.ts'

/** Who could not be become, where and how. */
export interface BecomeAttempt {
  readonly method: BecomeMethod
  readonly user: string
  /** The host, for messages. */
  readonly where: string
}

interface Rule {
  readonly said: RegExp
  readonly message: string | undefined
  readonly hint: (attempt: BecomeAttempt) => string
}

/** What the methods say, as sudo 1.9, util-linux 2.38, busybox 1.35, OpenDoas 6.8 and systemd 256 word it. */
const rules: readonly Rule[] = [
  {
    said: /no terminal can be made/,
    message:
      'a terminal is wanted (requiretty, or a password that is typed), and the host has no script(1) to make one',
    hint: () => 'install util-linux or bsdutils on the host; or remove `Defaults requiretty`, or the password',
  },
  {
    said: /not allowed to execute/,
    message: undefined,
    hint: ({ user }) =>
      `tsplay starts one shell as ${user} and works in that, so sudo must allow /bin/sh; with rules for single commands, ` +
      'set ansible_become_method: sudo-per-command, and host.command and host.read of those work',
  },
  {
    said: /not in the sudoers file|is not allowed to|may not run sudo/,
    message: undefined,
    hint: () => 'allow it in /etc/sudoers.d; `sudo -l` on the host shows what the user may do',
  },
  {
    said: /doas: .*not enabled|doas: Operation not permitted/i,
    message: undefined,
    hint: ({ user }) => `allow it in /etc/doas.conf: \`permit nopass :wheel as ${user}\``,
  },
  {
    said: /doas: (?:Authoriz|Authentic)ation required|doas: a tty is required/i,
    message: 'doas wants a password',
    hint: () =>
      'give it with -K, set ansible_become_password, or write `permit nopass …` in /etc/doas.conf for this user',
  },
  {
    said: /interactive authentication required|Access denied|not authorized/i,
    message: 'run0 is not allowed without a password',
    hint: () =>
      'give the password with -K, allow org.freedesktop.systemd1.manage-units to this user by a polkit rule, or use sudo',
  },
  {
    said: /unknown user|user \S+ does not exist|no passwd entry|unknown login|Failed to resolve/i,
    message: 'there is no such user on the host',
    hint: ({ user }) => `create the user ${user} first`,
  },
  {
    said: /su: Permission denied/,
    message: 'su refuses this user',
    hint: () => 'see /etc/pam.d/su: pam_wheel lets only members of one group use su',
  },
]

/** Why the method ended without starting anything, from what it said. */
export function becomeFailure(attempt: BecomeAttempt, said: string): TsplayError {
  const { method } = attempt
  const text = said.trim()
  const last = text.split('\n').at(-1)?.trim() ?? ''
  if (new RegExp(`\\b${method.name}\\b.*(not found|no such file|unknown command)`, 'i').test(text)) {
    const others = method.name === 'sudo' ? '' : ', set ansible_become_method: sudo'
    const hint = `install ${method.name} on the host${others}, or connect as root (ansible_user: root)`
    return failure(attempt, `${method.name} is not installed`, { hint })
  }
  if (
    /no password was provided|password is required|incorrect password|Sorry, try again|(?:su|doas): Authentication f/i.test(
      text,
    )
  )
    return wrongPassword(attempt)
  const rule = rules.find((it) => it.said.test(text))
  if (rule !== undefined) return failure(attempt, rule.message ?? last, { hint: rule.hint(attempt) })
  return failure(attempt, last || `${method.name} ended without a word`, {
    hint: `try \`${method.name}\` on the host: it shows what is wrong`,
  })
}

export const wrongPassword = (attempt: BecomeAttempt): TsplayError =>
  failure(attempt, `wrong password for ${attempt.method.name}`, {
    hint: `give the right one with -K, or set ansible_become_password${whose(attempt)}`,
  })

export const noPassword = (attempt: BecomeAttempt, cause?: unknown): TsplayError =>
  failure(attempt, `${attempt.method.name} wants a password`, {
    cause,
    hint:
      attempt.method.name === 'sudo'
        ? 'give it with -K, set ansible_become_password, or allow the user NOPASSWD in /etc/sudoers.d'
        : `give it with -K, or set ansible_become_password${whose(attempt)}`,
  })

const whose = ({ method, user }: BecomeAttempt) => (method.passwordOf === 'target' ? ` (it is that of ${user})` : '')

const failure = ({ user, where }: BecomeAttempt, message: string, details: ErrorDetails) =>
  new TsplayError('BECOME', `${where}: can not become ${user}: ${message}`, details)
