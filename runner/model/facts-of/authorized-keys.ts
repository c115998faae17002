import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { typed } from '../typed-question.ts'
import { accountName, entryScript } from './account-name.ts'
import { unclear } from './unclear.ts'

/** Who has a file or folder, and its mode in octal digits without leading zeros. */
export interface KeyPlace {
  readonly uid: number
  readonly mode: string
}

/** What lets a user in by key: `~/.ssh/authorized_keys`. */
export interface AuthorizedKeysState {
  readonly home: string
  readonly uid: number
  readonly gid: number
  /** `~/.ssh`; `undefined` where there is none. */
  readonly folder: KeyPlace | undefined
  readonly file: (KeyPlace & { readonly content: string }) | undefined
}

/** The fact's id of a user's authorized keys. */
export const authorizedKeysFact = (user: string): string => `authorized-keys:${accountName('user', user)}`

/** Asks for a user's authorized keys; `undefined` where there is no such user. At most five processes on the host. */
export const authorizedKeysProbe = typed('authorized-keys', (user: string): Probe<AuthorizedKeysState | undefined> => ({
  fact: authorizedKeysFact(user),
  script: script(user),
  parse: (raw) => parse(user, raw),
  absent: (answer) => answer === undefined,
}))

/** A link in place of the file is not followed: whoever owns it chooses what root would read or write. */
const script = (user: string) => `{
${entryScript('passwd', user)}
if [ "$e" ];then
printf 'passwd %s\\n' "$e"
h=\${e%:*};h=\${h##*:} d=$h/.ssh f=$h/.ssh/authorized_keys
if [ -d "$h" ]&&! [ -x "$h" ];then echo denied
elif [ -d "$d" ];then printf 'folder %s\\n' "$(stat -L -c '%u %a' "$d")"
if ! [ -x "$d" ];then echo denied
elif [ -L "$f" ];then echo link
elif [ -f "$f" ];then printf 'file %s\\n' "$(stat -c '%u %a' "$f")"
if [ -r "$f" ];then echo content;cat "$f";echo;else echo denied;fi;fi
elif [ -e "$d" ];then echo other
fi;fi
echo end
} 2>/dev/null`

function parse(user: string, raw: string): AuthorizedKeysState | undefined {
  const [head, content] = split(raw)
  const lines = head.split('\n')
  const find = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  if (!raw.endsWith('end\n')) throw unclear(`keys of ${user}`, raw)
  const entry = find('passwd')
  if (entry === undefined) return undefined
  const [, , uid = '', gid = '', , home = ''] = entry.split(':')
  if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid) || !home.startsWith('/')) throw unclear(`keys of ${user}`, raw)
  const file = `${home}/.ssh/authorized_keys`
  if (lines.includes('denied')) {
    throw new TsplayError('COMMAND', `${file}: permission denied`, {
      hint: `become root, or the user: host.as(${JSON.stringify(user)})`,
    })
  }
  if (lines.includes('link')) {
    throw new TsplayError('COMMAND', `${file} is a symbolic link, which is not followed in a user's own folder`, {
      hint: 'put a file in its place, or manage what it leads to with line()',
    })
  }
  if (lines.includes('other')) throw new TsplayError('COMMAND', `${home}/.ssh is not a folder`)
  const folder = place(find('folder'))
  const found = place(find('file'))
  return {
    home,
    uid: Number(uid),
    gid: Number(gid),
    folder,
    file: found === undefined ? undefined : { ...found, content: content ?? '' },
  }
}

/** What is before the file's content, and the content, which nothing in it can end early. */
function split(raw: string): [string, string?] {
  const at = raw.indexOf('\ncontent\n')
  if (at < 0) return [raw]
  return [raw.slice(0, at + 1), raw.slice(at + '\ncontent\n'.length, -'\nend\n'.length)]
}

function place(text: string | undefined): KeyPlace | undefined {
  const match = /^(\d+) ([0-7]+)$/.exec(text ?? '')
  return match?.[2] === undefined ? undefined : { uid: Number(match[1]), mode: match[2] }
}
