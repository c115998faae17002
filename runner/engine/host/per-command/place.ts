import type { CommandOptions } from '../../../model/command.ts'
import { TsplayError } from '../../../model/errors.ts'
import { quote } from '../../../model/quote.ts'
import { certain } from '../../../model/unknown.ts'
import type { Session, SessionResult } from '../../../session/session.ts'
import { redact } from '../../redact.ts'
import type { HostHandle } from '../handle.ts'
import { withSurroundings } from '../surroundings.ts'
import { otherFailure, refusal } from './refusal.ts'
import { simpleCommand } from './simple-command.ts'

/** Where the commands of a host and user run: in a shell of that user or, where sudo allows named commands alone, by sudo. */
export interface CommandPlace {
  readonly session: Session
  /** The user whose shell it is; undefined: who logged in. */
  readonly user: string | undefined
  /** The shell text that runs a command there. */
  scriptOf(script: string, options: CommandOptions): string
  /** Throws where sudo, and not the command, is why it did not run or can not be killed. */
  judge(script: string, result: SessionResult): Promise<void>
  /** Throws where sudo would refuse the command; without running it. */
  foresee(script: string): Promise<void>
  /** Shell text that ends with an error where a path is in a folder that the shell's user can't look into. */
  sees(path: string): string
}

export async function commandPlace({ body, host, user }: HostHandle): Promise<CommandPlace> {
  const perCommand = user !== undefined && body.run.connector.becomesPerCommand(host)
  const session = await body.session(host, perCommand ? undefined : user)
  if (perCommand && session.user !== user) return new SudoPlace(host, session, user)
  return { session, user, scriptOf: withSurroundings, judge: async () => {}, foresee: async () => {}, sees: () => '' }
}

class SudoPlace implements CommandPlace {
  readonly session: Session
  readonly user = undefined
  readonly #host: string
  readonly #as: string

  constructor(host: string, session: Session, as: string) {
    this.#host = host
    this.session = session
    this.#as = as
  }

  scriptOf(script: string, { env = {}, ...options }: CommandOptions): string {
    const command = simpleCommand(certain(script))
    // They are given to sudo, whose rules say which of them it lets through.
    const variables = Object.entries(env).map(([name, value]) => `${name}=${quote(value)} `)
    withSurroundings('', { env })
    return withSurroundings(`${this.#sudo('-H', ` ${variables.join('')}`)}-- ${command}`, options)
  }

  async judge(script: string, { code, stderr, timedOut, aborted }: SessionResult): Promise<void> {
    // sudo hands TERM on. KILL, which it could not, ends sudo alone.
    if (timedOut || aborted)
      throw new TsplayError(
        timedOut ? 'TIMEOUT' : 'ABORTED',
        `${redact(script.trim()).split('\n')[0]} ${timedOut ? 'took longer than its limit' : 'was stopped'}, and was sent TERM through sudo`,
        { hint: `If it ignores that, it still runs: ${this.session.user} may not kill a process of ${this.#as}.` },
      )
    if (code !== 1 && code !== 127) return
    const said = stderr.toString()
    // What sudo says before it looks for a rule: who may not run the command is asked for a password as well.
    if (/^sudo: a password is required$/m.test(said)) {
      await this.foresee(script)
      throw refusal(this.#wish(script, await this.#path(script)), 'password')
    }
    const refused = /^Sorry, user \S+ is not allowed to execute '([^]*)' as \S+ on /m.exec(said)?.[1]
    if (refused !== undefined) throw refusal(this.#wish(script, refused), 'no rule')
    const other = otherFailure(this.#wish(script, undefined), said)
    if (other !== undefined) throw other
  }

  async foresee(script: string): Promise<void> {
    const command = simpleCommand(certain(script))
    const { code, stderr } = await this.session.run({
      script: `${this.#sudo('-l', ' ')}-- ${command} >/dev/null`,
      timeoutMs: 60_000,
    })
    if (code === 0) return
    const said = stderr.toString()
    const other = otherFailure(this.#wish(script, undefined), said)
    const why = said.includes('a password is required') ? 'password' : 'no rule'
    throw other ?? refusal(this.#wish(script, await this.#path(script)), why)
  }

  sees(path: string): string {
    const said = `whether ${path} is there can not be seen by ${this.session.user}, who asks the guard`
    return `d=${quote(path)}
until [ -d "$d" ]; do n=$(dirname -- "$d"); [ "$n" != "$d" ] || break; d=$n; done
[ -x "$d" ] || { printf '%s\\n' ${quote(said)} >&2; exit 1; }`
  }

  /** `-n`: it never asks. What it says is read in English. */
  #sudo(option: string, more: string): string {
    return `env LC_ALL=C sudo -n ${option} -u ${quote(this.#as)}${more}`
  }

  /** The command as sudoers would have it; a relative name is looked for where sudo usually looks. */
  async #path(script: string): Promise<string | undefined> {
    const look = 'set -- $(command -v "$1") "$*"; [ -n "$2" ] && printf "%s\\n%s" "$1" "$2"'
    const { stdout } = await this.session.run({
      script: `export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"\nset -- ${simpleCommand(script)}\n${look}`,
      timeoutMs: 60_000,
    })
    const [path = '', words = ''] = stdout.toString().split('\n')
    return path.startsWith('/') ? [path, ...words.split(' ').slice(1)].join(' ') : undefined
  }

  #wish(script: string, path: string | undefined) {
    return { host: this.#host, login: this.session.user, user: this.#as, command: redact(script.trim()), path }
  }
}
