import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { typed } from '../typed-question.ts'
import { accountName, entryScript } from './account-name.ts'
import { unclear } from './unclear.ts'

/** What shadow(5) holds for a user; the hash itself never leaves the host. */
export interface PasswordState {
  /** Whether logging in by password is shut, by a leading `!` or `*`. */
  readonly locked: boolean
  /** SHA-256, in lower-case hex, of the field without its leading `!`. */
  readonly sha256: string
}

/** A user as the host's databases have it. */
export interface UserState {
  readonly uid: number
  readonly gid: number
  /** The first group's name, or its number in digits where that has no name. */
  readonly group: string
  readonly home: string
  /** Whether the home is a directory. */
  readonly homeExists: boolean
  readonly shell: string
  readonly comment: string
  /** Names of the further groups, sorted. */
  readonly groups: readonly string[]
  /** Only where it was asked for. */
  readonly password?: PasswordState
}

/** The fact's id of a user. */
export const userFact = (name: string): string => `user:${accountName('user', name)}`

export interface UserProbeOptions {
  /** Whether the state of the password is wanted, which only root may see. @default false */
  readonly password?: boolean
}

/** Asks for a user; `undefined` where there is none. Three processes on the host, and five more with the password. */
export const userProbe = typed(
  'user',
  (name: string, options: UserProbeOptions = {}): Probe<UserState | undefined> => ({
    fact: userFact(name),
    script: script(name, options.password === true),
    parse: (raw) => parseUser(name, raw),
    absent: (answer) => answer === undefined,
    answeredBy: (predicted) => predicted === undefined || !options.password || predicted.password !== undefined,
  }),
)

/** `printf` is no builtin everywhere, so a hash is only ever piped, where `ps` does not show it. */
const script = (name: string, password: boolean): string => `{
${entryScript('passwd', name)}
if [ "$e" ];then
printf 'passwd %s\\n' "$e"
h=\${e%:*};h=\${h##*:}
if [ -d "$h" ];then echo home;fi
printf 'group %s\\n' "$(id -gn '${name}')"
printf 'groups %s\\n' "$(id -Gn '${name}')"
${password ? passwordScript(name) : ''}fi
echo end
} 2>/dev/null`

const passwordScript = (name: string) => `if [ -r /etc/shadow ];then
f() { sed -n 's/^${name.replaceAll(/[.$]/g, '\\$&')}:\\([^:]*\\).*/\\1/p' /etc/shadow|head -n 1|tr -d '\\n'; }
case $(f|cut -c 1) in '!'|'*')echo locked;;esac
d=$(f|sed 's/^!*//'|tr -d '\\n'|sha256sum);echo "password \${d%% *}"
else echo hidden;fi
`

function parseUser(name: string, raw: string): UserState | undefined {
  const lines = raw.split('\n')
  if (!lines.includes('end')) throw unclear(`user ${name}`, raw)
  const find = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  const entry = find('passwd')
  if (entry === undefined) return undefined
  const [found, , uid = '', gid = '', comment = '', home = '', shell = ''] = entry.split(':')
  if (found !== name || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) throw unclear(`user ${name}`, raw)
  if (lines.includes('hidden')) {
    throw new TsplayError('COMMAND', `user ${name}: only root may see the state of its password`, {
      hint: "become root: become: true in the play, or host.as('root')",
    })
  }
  const group = find('group') || gid
  const sha256 = find('password')
  const groups = (find('groups') ?? '').split(' ').filter((one) => one !== '' && one !== group)
  return {
    uid: Number(uid),
    gid: Number(gid),
    group,
    home,
    homeExists: lines.includes('home'),
    shell,
    comment,
    groups: [...new Set(groups)].toSorted(),
    ...(sha256 === undefined ? {} : { password: { locked: lines.includes('locked'), sha256 } }),
  }
}

/** What useradd(8) gives a new user who asks for nothing else. */
export interface UserDefaults {
  /** Below which homes are made: `/home`. */
  readonly homeBase: string
  readonly shell: string
  /** Whether each user has a group of the same name (USERGROUPS_ENAB of login.defs(5)). */
  readonly ownGroup: boolean
}

/** Asks what new users are given; asks nothing where the user is there already. */
export const userDefaultsProbe = typed('user-defaults', (name: string): Probe<UserDefaults | undefined> => ({
  fact: 'user-defaults',
  script: `{
${entryScript('passwd', name)}
if [ -z "$e" ]&&command -v useradd >/dev/null;then useradd -D;grep -i '^[[:space:]]*USERGROUPS_ENAB' /etc/login.defs;fi
} 2>/dev/null`,
  parse(raw) {
    if (raw.trim() === '') return undefined
    const setting = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(raw)?.[1]
    return {
      homeBase: setting('HOME') ?? '/home',
      shell: setting('SHELL') ?? '',
      ownGroup: /^\s*USERGROUPS_ENAB\s+yes/im.test(raw),
    }
  },
}))
