import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
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
 * than absence. Costs two processes on the host for a file, one for a directory, none for nothing.
 */
export function pathProbe(path: string, options: PathProbeOptions = {}): Probe<PathState> {
  const at = absolutePath(path)
  const { content, maxContentBytes = maxTextBytes } = options
  const digest = options.digest !== false || content !== undefined
  return {
    fact: `path:${at}`,
    library,
    contained: true,
    script: `path_fact ${quote(at)} ${quote(wanted(digest, content))} ${Math.floor(maxContentBytes)}`,
    parse: (raw) => parsePath(at, raw),
    absent: (answer) => answer.kind === 'absent',
    answeredBy(predicted) {
      const state = resolved(predicted)
      if (state.kind !== 'file') return true
      if (digest && state.sha256 === undefined) return false
      if (content === undefined || state.content !== undefined) return true
      return typeof content === 'object' && content.unless === state.sha256
    },
  }
}

/**
 * Makes `path_fact PATH WANTED MAX`. WANTED: nothing (no digest), `digest`, `always` (content), or the SHA-256 unless which
 * content is wanted. `stat -c` is GNU's and busybox's. `%f` is the type and mode in hex: unlike `%F` it is in no language.
 * Link targets may hold newlines, and are then printed in hex. Where a link leads to nothing, it is followed by hand, since
 * busybox's `readlink -f` then takes a relative target for one of the working directory. Where nothing is found, the nearest ancestor that exists
 * tells whether the path is absent or was only not shown to this user.
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
if s=$(stat -L -c '%s %f %u %g
%U
%G' "$p");then
printf 'stat %s\\n' "$s"
if [ "$2" ]&&[ -f "$p" ];then
h=$(sha256sum <"$p") h=\${h%% *}
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
} 2>/dev/null`

/** What `path_fact` is to print of a file. */
function wanted(digest: boolean, content: PathProbeOptions['content']): string {
  if (content === undefined) return digest ? 'digest' : ''
  return content === 'always' ? 'always' : sha256Word(content.unless)
}

function sha256Word(digest: string): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TsplayError('OPTIONS', `not a SHA-256 in lower-case hex: ${digest}`)
  return digest
}

/** The same question, but where a shell test succeeds, the answer is known beforehand, and nothing more is looked at. */
export function unlessTest<T>(test: string, known: T, probe: Probe<T>): Probe<T> {
  return {
    ...probe,
    script: `if ${test};then echo known;else\n${probe.script}\nfi`,
    parse: (raw) => (raw.trim() === 'known' ? known : probe.parse(raw)),
  }
}

/**
 * Asks about a directory above `path`, at no cost where something is at `path`: then what is above it is a directory,
 * and its owner and mode are not looked at (they are unknown in the answer).
 */
export function ancestorProbe(ancestor: string, path: string): Probe<PathState> {
  const at = quote(absolutePath(path))
  const directory = { kind: 'directory', ...unlooked } as const
  return unlessTest<PathState>(`[ -e ${at} ]||[ -L ${at} ]`, directory, pathProbe(ancestor, { digest: false }))
}

/** Asks what is at a path, without looking where a symbolic link leads to (which is unknown in the answer). */
export function unfollowedProbe(path: string): Probe<PathState> {
  const link = { kind: 'link', target: unknown(notLooked), resolved: unknown(notLooked) } as const
  return unlessTest<PathState>(`[ -L ${quote(absolutePath(path))} ]`, link, pathProbe(path, { digest: false }))
}

const notLooked = 'it was not looked at'
const unlooked: Ownership = {
  mode: unknown(notLooked),
  owner: unknown(notLooked),
  group: unknown(notLooked),
  uid: unknown(notLooked),
  gid: unknown(notLooked),
}
