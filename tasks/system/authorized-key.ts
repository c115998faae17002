import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { accountName } from '../../runner/model/facts-of/account-name.ts'
import {
  authorizedKeysProbe,
  type AuthorizedKeysState,
  type KeyPlace,
} from '../../runner/model/facts-of/authorized-keys.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { keyLine } from './key-line.ts'

export interface AuthorizedKeyOptions {
  /** Whose keys; the user has to exist. */
  readonly user: string
  /** One or more public keys, each as in its `.pub` file. */
  readonly key: string | readonly string[]
  /** Options of sshd(8) before the key: `from="10.0.0.0/8",no-pty`. @default none */
  readonly options?: string
  /** Whether all other keys are taken away. @default false */
  readonly exclusive?: boolean
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

export interface AuthorizedKeyOut {
  readonly path: string | undefined
}

interface State {
  readonly keys: AuthorizedKeysState | undefined
}

interface Wanted extends Omit<AuthorizedKeyOptions, 'key'> {
  /** Whole lines. */
  readonly lines: readonly string[]
}

const definition = resource<Wanted, State, AuthorizedKeyOut>({
  kind: 'authorized-key',
  id: ({ user, lines }) => `${user} ${lines.map((line) => keyLine(line)?.blob.slice(-12)).join(' ')}`,
  probes: ({ user }) => ({ keys: authorizedKeysProbe(user) }),
  diff(wanted, { keys }): Change[] {
    const found = certain(keys)
    if (found === undefined) {
      if (wanted.state === 'absent') return []
      throw new TsplayError('COMMAND', `authorized key of ${wanted.user}: the host has no such user`, {
        hint: `make it first: await host.ensure(user({ name: ${JSON.stringify(wanted.user)} }))`,
      })
    }
    const before = certain(found.file?.content) ?? ''
    const after = contentAfter(wanted, before)
    const changes: Change[] =
      before === after ? [] : [{ field: 'authorized_keys', before: found.file && before, after, text: true }]
    if (wanted.state === 'absent') return changes
    return [
      ...changes,
      ...placeChanges('.ssh', found.folder, found),
      ...placeChanges('authorized_keys', found.file, found),
    ]
  },
  apply: (wanted, _, { keys }) => [
    {
      script: writeScript(wanted.user),
      stdin: contentAfter(wanted, keys?.file?.content ?? ''),
      hint: "Is the user's home there, and on a disk that can be written?",
    },
  ],
  after(wanted, { keys }) {
    if (keys === undefined) return { keys }
    const content = contentAfter(wanted, keys.file?.content ?? '')
    const place = (found: KeyPlace | undefined, mode: string): KeyPlace =>
      found === undefined || placeChanges('', found, keys).length > 0
        ? { uid: keys.uid, mode: found === undefined ? mode : unshared(found.mode) }
        : { uid: found.uid, mode: found.mode }
    return { keys: { ...keys, folder: place(keys.folder, '700'), file: { uid: keys.uid, mode: '600', content } } }
  },
  out: (_, { keys }) => ({ path: keys && `${keys.home}/.ssh/authorized_keys` }),
})

const unshared = (mode: string) => (Number.parseInt(mode, 8) & ~0o022).toString(8)

/** sshd refuses keys that others could write (StrictModes). */
function placeChanges(name: string, found: KeyPlace | undefined, keys: AuthorizedKeysState): Change[] {
  // Where there is nothing yet, the user's number is not looked at: of a user yet to be made it is not known.
  if (found === undefined) return []
  const { uid } = keys
  return [
    ...(found.uid === uid || certain(found.uid) === certain(uid)
      ? []
      : [{ field: `owner of ${name}`, before: found.uid, after: uid }]),
    ...(/[2367].?$/.test(certain(found.mode).slice(-2))
      ? [{ field: `mode of ${name}`, before: found.mode, after: name === '.ssh' ? unshared(found.mode) : '600' }]
      : []),
  ]
}

function contentAfter({ lines, exclusive, state }: Wanted, before: string): string {
  const wanted = new Map(lines.map((line) => [keyLine(line)?.blob, line]))
  const placed = new Set<string>()
  const kept = before.split('\n').flatMap((line): string[] => {
    const key = keyLine(line)
    if (key === undefined) return [line]
    const asked = wanted.get(key.blob)
    if (asked === undefined) return exclusive ? [] : [line]
    if (state === 'absent' || placed.has(key.blob)) return []
    placed.add(key.blob)
    // Another comment is no other key.
    return [keyLine(asked)?.options === key.options ? line : asked]
  })
  if (kept.at(-1) === '') kept.pop()
  const added = state === 'absent' ? [] : lines.filter((line) => !placed.has(keyLine(line)?.blob ?? ''))
  return [...kept, ...added].map((line) => `${line}\n`).join('')
}

/**
 * Root does as the user does in the user's own folder, where it could be led elsewhere by links. The temporary file is
 * the user's from its beginning, and takes the old one's place at once; one that a killed shell left is removed. busybox's
 * setpriv changes no user.
 */
const writeScript = (user: string) => `u=${quote(user)} i=$(id -u ${quote(user)}) g=$(id -g ${quote(user)})||exit 1
as() { if [ "$(id -u)" = "$i" ];then sh -c "$1";elif setpriv --help 2>&1|grep -q -e --reuid;then setpriv --reuid "$i" --regid "$g" --init-groups sh -c "$1";else su -s /bin/sh "$u" -c "$1";fi; }
e=$(getent passwd "$u" 2>/dev/null||grep "^$u:" /etc/passwd);H=\${e%:*};H=\${H##*:};export H
cd /
if [ "$(id -u)" = 0 ]&&[ -d "$H/.ssh" ]&&! [ -L "$H/.ssh" ]&&[ "$(stat -c %u "$H/.ssh")" != "$i" ];then chown -h "$i:$g" "$H/.ssh"||exit 1;fi
as 'umask 077
[ -d "$H/.ssh" ]||mkdir -m 0700 "$H/.ssh"||exit 1
chmod go-w "$H/.ssh"&&cd "$H/.ssh"||exit 1
rm -f ./.authorized_keys.tsplay-??????
t=$(mktemp ./.authorized_keys.tsplay-XXXXXX)||exit 1
cat >"$t"&&chmod 0600 "$t"&&{ sync "$t" 2>/dev/null||sync; }&&mv -f "$t" authorized_keys||{ rm -f "$t";exit 1; }'`

/**
 * Public keys that let a user in. Other keys in the file stay, unless `exclusive`. The user has to exist; `~/.ssh` and
 * the file are made with the modes that sshd asks for.
 * @example
 * import { readFile } from 'node:fs/promises'
 * await host.ensure(authorizedKey({ user: 'deploy', key: await readFile('deploy.pub', 'utf8') }))
 */
export function authorizedKey({ key, ...rest }: AuthorizedKeyOptions): Resource<AuthorizedKeyOut> {
  accountName('user', rest.user)
  const { options = '' } = rest
  const lines = (typeof key === 'string' ? [key] : key).map((one) => {
    const line = `${options === '' ? '' : `${options} `}${certain(one).trim()}`
    if (line.includes('\n') || keyLine(line) === undefined || keyLine(line)?.options !== options) {
      throw new TsplayError(
        'OPTIONS',
        `authorized key of ${rest.user}: this is no public key: ${JSON.stringify(one.slice(0, 60))}`,
        {
          hint: 'give the line of a .pub file; what restricts it goes into options',
        },
      )
    }
    return line
  })
  return definition({ ...rest, lines })
}
