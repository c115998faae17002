import { TsplayError } from '../../../model/errors.ts'

/** A command that the login user wanted sudo to run. */
export interface SudoWish {
  readonly host: string
  readonly login: string
  readonly user: string
  /** As it was given. */
  readonly command: string
  /** Path and arguments as sudoers knows them, where that could be found out. */
  readonly path: string | undefined
}

const shells = /\/(?:ba|da|k|mk|z|fi|tc)?sh$/

/** sudo has no rule that allows the command, or only one that wants a password. */
export function refusal(wish: SudoWish, why: 'no rule' | 'password'): TsplayError {
  const { host, login, user, command } = wish
  const message =
    why === 'no rule'
      ? `${host}: sudo does not allow ${login} to run this as ${user}: ${command}`
      : `${host}: sudo wants a password for it, which is not given for single commands: ${command}`
  return new TsplayError('BECOME', message, { hint: remedy(wish) })
}

function remedy({ login, user, path }: SudoWish): string {
  if (path === undefined) return 'the program is not found there; `sudo -l` on the host shows what is allowed'
  if (shells.test(path.split(' ')[0] ?? ''))
    return 'a shell would give all of it away: say the command itself, for `tsplay exec` as several words after --'
  return `allow it by a line in /etc/sudoers.d, written with visudo: ${login} ALL=(${user}) NOPASSWD: ${rule(path)}`
}

/** sudoers(5): these mean something in a command's arguments, and `""` is that there are none. */
function rule(path: string): string {
  const [program = '', ...args] = path.split(' ')
  return args.length === 0 ? `${program} ""` : [program, ...args].join(' ').replaceAll(/[\\,:=*?[\]!]/g, '\\$&')
}

/** What else sudo ends with, as sudo 1.9 words it in English. */
export function otherFailure({ host }: SudoWish, said: string): TsplayError | undefined {
  const line = said.split('\n').find((it) => /\bsudo: /.test(it)) ?? ''
  const failure = (hint: string) => new TsplayError('BECOME', `${host}: ${line}`, { hint })
  if (/sudo: sorry, you must have a tty/.test(line))
    return failure('requiretty wants a terminal, which single commands do not have: `Defaults:USER !requiretty`')
  const variables = /not allowed to set the following environment variables: (.*)/.exec(line)?.[1]
  if (variables !== undefined)
    return failure(
      `allow them in /etc/sudoers.d: Defaults env_keep += "${variables.replaceAll(',', '')}", or SETENV: in the rule`,
    )
  if (/sudo: unknown user/.test(line)) return failure('create that user first')
  if (/(?:^|\s)sudo: (?:not found|command not found|No such file)/.test(line))
    return failure('install sudo on the host, or connect as root (ansible_user: root)')
  return undefined
}
