import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { typed } from '../typed-question.ts'
import { unknown } from '../unknown.ts'
import { absolutePath, resolved, type Ownership, type PathState } from './path-state.ts'
import { parsePath } from './path-answer.ts'

/** The default limit for contents that a probe reads. */
export const maxTextBytes = 256 * 1024

export interface PathProbeOptions {
  /**
   * Whether the SHA-256 of a file is wanted: reading a large file takes its time, and needs the right to read it.
   * @default true
   */
  readonly digest?: boolean
  /** Whether the content of a file is wanted: `always`, or unless its SHA-256 is the one given. @default never */
  readonly content?: 'always' | { readonly unless: string }
  /** Files larger than this come without content. @default 256 KiB */
  readonly maxContentBytes?: number
}

/**
 * Asks what is at a path. Its answer throws a TsplayError when the user may not look there, which is something else
 * than absence. Costs two processes on the host for a file, one for a directory, none for nothing; paths that are asked
 * about together cost two in all.
 */
export function pathProbe(path: string, options: PathProbeOptions = {}): Probe<PathState> {
  const { content, maxContentBytes = maxTextBytes } = options
  if (content === 'always') return typedPathProbe(absolutePath(path), content, maxContentBytes)
  if (content === undefined) return typedPathProbe(absolutePath(path), options.digest === false ? 'state' : 'digest')
  // Asked ahead, it is asked for the digest alone: that of a secret's content is written nowhere.
  const { typed: question } = typedPathProbe(absolutePath(path), 'digest')
  const probe = makePathProbe(path, sha256Word(content.unless), maxContentBytes)
  return question === undefined ? probe : { ...probe, typed: question }
}

const typedPathProbe = typed('path', (path: string, wanted: 'state' | 'digest' | 'always', max?: number) => {
  if (!['state', 'digest', 'always'].includes(wanted)) throw new TypeError(`not to be asked of a path: ${wanted}`)
  return makePathProbe(path, wanted, max)
})

/** `wanted`: see {@link library}. */
function makePathProbe(path: string, wanted: string, max = maxTextBytes): Probe<PathState> {
  const at = absolutePath(path)
  return {
    fact: `path:${at}`,
    library,
    contained: true,
    // sha256sum would print these two in another way.
    ...(/[\n\\]/.test(at)
      ? {}
      : { together: { call: 'path_facts', subject: quote(`${wanted} ${Math.floor(max)} ${at}`) } }),
    script: `path_fact ${quote(at)} ${wanted} ${Math.floor(max)}`,
    parse: (raw) => parsePath(at, raw),
    absent: (answer) => answer.kind === 'absent',
    answeredBy(predicted) {
      const state = resolved(predicted)
      if (state.kind !== 'file' || wanted === 'state') return true
      if (state.sha256 === undefined) return false
      return wanted === 'digest' || state.content !== undefined || wanted === state.sha256
    },
    costly: (raw) => wanted !== 'state' && Number(/^stat (\d+) /m.exec(raw)?.[1] ?? 0) > quicklyReadBytes,
  }
}

/** What any host reads in a few hundredths of a second. */
const quicklyReadBytes = 8 << 20

/**
 * Makes `path_fact PATH WANTED MAX`. WANTED: `state` (no digest), `digest`, `always` (content), or the SHA-256 unless which
 * content is wanted. `stat -c` is GNU's and busybox's. `%f` is the type and mode in hex: unlike `%F` it is in no language.
 * Link targets may hold newlines, and are then printed in hex. Where a link leads to nothing, it is followed by hand, since
 * busybox's `readlink -f` then takes a relative target for one of the working directory. Where nothing is found, the nearest ancestor that exists
 * tells whether the path is absent or was only not shown to this user.
 *
 * `path_facts LABEL 'WANTED MAX PATH' …` tells of many, and gives `path_fact` what stat and sha256sum say, each asked once:
 * they leave out what they can't read, and name the others in their order.
 */
const library = `path_fact() {
p=$1 e=$1
if [ -L "$p" ];then
t=$(readlink -n "$p";echo .) t=\${t%.}
if [ -e "$p" ];then r=$(readlink -f "$p");else
q=$p i=0;while [ -L "$q" ]&&[ $((i+=1)) -lt 40 ];do l=$(readlink -n "$q";echo .) l=\${l%.};case $l in /*)q=$l;;*)q=\${q%/*}/$l;;esac;done
r=;if ! [ -L "$q" ];then r=$(cd -P "\${q%/*}/"&&pwd -P) r=\${r:+\${r%/}/\${q##*/}};fi
fi
case $t in /*)e=$t;;*)e=\${p%/*}/$t;;esac
case $t in *'
'*)printf 'link-hex ';printf %s "$t"|od -An -v -tx1|tr -d ' \\n';echo;;*)printf 'link %s\\n' "$t";case $r in /*'
'*);;/*)printf 'real %s\\n' "$r";;esac;;esac
fi
s=\${4-$(stat -L -c '%s %f %u %g
%U
%G' "$p")}
if [ "$s" ];then
printf 'stat %s\\n' "$s"
if [ "$2" != state ]&&[ -f "$p" ];then
h=\${5-$(sha256sum <"$p")} h=\${h%% *}
if [ "$h" ];then echo "sha256 $h";elif [ -r "$p" ];then echo failed;else echo unreadable;fi
if [ "$h" ]&&[ "$2" != digest ]&&[ "$2" != "$h" ]&&[ "\${s%% *}" -le "$3" ];then echo content;cat "$p";echo;fi
fi
elif [ -e "$p" ];then echo failed
else
while e=\${e%/*};[ "$e" ];do if [ -e "$e" ]||[ -L "$e" ];then break;fi;done
e=\${e:-/}
if [ -d "$e" ]&&! [ -x "$e" ];then echo denied;else echo absent;fi
fi
echo end
} 2>/dev/null
path_stats() {
n=$#
while [ $n -gt 0 ];do set -- "$@" "\${2#* * }";shift 2;n=$((n-2));done
exec stat -L -c 'path %n
%s %f %u %g
%U
%G' "$@"
}
path_digests() {
n=$#
while [ $n -gt 0 ];do
case $2 in state*);;*)if [ -f "\${2#* * }" ];then set -- "$@" "\${2#* * }";fi;;esac
shift 2
n=$((n-2))
done
[ $# = 0 ]||exec sha256sum "$@"
}
path_line() { x=\${b%%"$z"*} b=\${b#*"$z"}; }
path_facts() {
z='
' b=$(path_stats "$@" 2>/dev/null) a=$(path_digests "$@" 2>/dev/null)
while [ $# -gt 0 ];do
w=\${2%% *} m=\${2#* } v=\${2#* * } y= g=
case $b in "path $v$z"*)path_line;path_line;y=$x;path_line;y=$y$z$x;path_line;y=$y$z$x;;esac
if [ $w != state ]&&x=\${a%%"$z"*}&&[ "$x" = "\${x%% *}  $v" ];then g=\${x%% *} a=\${a#*"$z"};fi
mark "$1"
path_fact "$v" $w \${m%% *} "$y" "$g"
shift 2
done
}`

function sha256Word(digest: string): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TsplayError('OPTIONS', `not a SHA-256 in lower-case hex: ${digest}`)
  return digest
}

/** The same question, but where a shell test succeeds, the answer is known beforehand, and nothing more is looked at. */
function unlessTest<T>(test: string, known: T, probe: Probe<T>): Probe<T> {
  return {
    ...probe,
    together: undefined,
    script: `if ${test};then echo known;else\n${probe.script}\nfi`,
    parse: (raw) => (raw.trim() === 'known' ? known : probe.parse(raw)),
  }
}

/**
 * Asks about a directory above `path`, at no cost where something is at `path`: then what is above it is a directory,
 * and its owner and mode are not looked at (they are unknown in the answer).
 */
export const ancestorProbe = typed('ancestor', (ancestor: string, path: string): Probe<PathState> => {
  const at = quote(absolutePath(path))
  const directory = { kind: 'directory', ...unlooked } as const
  return unlessTest<PathState>(`[ -e ${at} ]||[ -L ${at} ]`, directory, pathProbe(ancestor, { digest: false }))
})

/** Asks what is at a path, without looking where a symbolic link leads to (which is unknown in the answer). */
export const unfollowedProbe = typed('unfollowed', (path: string): Probe<PathState> => {
  const link = { kind: 'link', target: unknown(notLooked), resolved: unknown(notLooked) } as const
  return unlessTest<PathState>(`[ -L ${quote(absolutePath(path))} ]`, link, pathProbe(path, { digest: false }))
})

/** Asks what a link at `path` would lead to; not where what is at `path` is that same thing already. */
export const linkTargetProbe = typed('link-target', (path: string, target: string): Probe<PathState> => {
  const same = `[ ${quote(absolutePath(path))} -ef ${quote(absolutePath(target))} ]`
  return unlessTest<PathState>(same, unknown(`what is at ${target}`), pathProbe(target, { digest: false }))
})

/** Whether anything is at a path, a link that leads nowhere included, as the shell finds it. No process on the host. */
export const existenceProbe = typed('existence', (path: string): Probe<boolean> => {
  const at = quote(path)
  return {
    fact: `exists:${path}`,
    contained: true,
    script: `if [ -e ${at} ]||[ -L ${at} ];then echo there;fi`,
    parse: (raw) => raw.trim() === 'there',
  }
})

const notLooked = 'it was not looked at'
const unlooked: Ownership = {
  mode: unknown(notLooked),
  owner: unknown(notLooked),
  group: unknown(notLooked),
  uid: unknown(notLooked),
  gid: unknown(notLooked),
}
