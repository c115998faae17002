import { sha256 } from '../../runner/model/content.ts'
import { quote } from '../../runner/model/quote.ts'

export interface Unpacking {
  /** Where the archive is on the host. */
  readonly archive: string
  /** Whether it is removed afterwards. */
  readonly temporary: boolean
  readonly path: string
  /** Relative to `path`: takes its place last, so that it tells whether all of it was done. */
  readonly creates: string
  readonly strip: number
  readonly isZip: boolean
  readonly owner: string | undefined
  readonly group: string | undefined
  readonly fileMode: string | undefined
  readonly directoryMode: string | undefined
}

/**
 * Unpacks into a directory beside what is to come, sets owners and modes there, and moves it in, `creates` last: a run that
 * is cut does it again, and begins with taking away what that one left. Directories that are there are filled, everything
 * else is replaced.
 */
export const unarchiveScript = (to: Unpacking) => `set -e
a=${quote(to.archive)} d=${quote(to.path)} c=${quote(to.creates)}
u=$d/.tsplay-unpacking-${sha256(to.creates).slice(0, 12)}
trap 'rm -rf -- "$u"${to.temporary ? ' "$a"' : ''}' EXIT
trap 'exit 143' TERM INT HUP
rm -rf -- "$u"
mkdir -m 700 -- "$u"
mkdir "$u/all"
${to.isZip ? unzip : untar(to.strip)}
${to.isZip ? Array.from({ length: to.strip }, () => stripOne).join('\n') : ''}
cd "$u/all"
if ! [ -e "./$c" ] && ! [ -L "./$c" ];then printf '%s\\n' "the archive holds no $c, which it is to create: it holds $(ls -A | head -n 5 | tr '\\n' ' ')" >&2;exit 1;fi
${owning(to)}${moding('f', to.fileMode)}${moding('d', to.directoryMode)}mv -- "./$c" "$u/last"
find . -type d -exec sh -c 'for f do [ -d "$0/$f" ]||{ rm -f -- "$0/$f";mkdir -p -- "$0/$f";chmod "$(stat -c %a "$f")" "$0/$f";chown "$(stat -c %u:%g "$f")" "$0/$f" 2>/dev/null||:;};done' "$d" {} +
find . ! -type d -exec sh -c 'for f do if [ -d "$0/$f" ]&&! [ -L "$0/$f" ];then printf "%s\\n" "$0/$f is a directory, and a file in the archive" >&2;exit 1;fi
[ ! -L "$0/$f" ]||rm -f -- "$0/$f";mv -f -- "$f" "$0/$f"||exit 1;done' "$d" {} +
cd "$d"
rm -rf -- "$u/all"${to.temporary ? ' "$a"' : ''}
if [ -d "$u/last" ]&&! [ -L "$u/last" ]&&[ -d "./$c" ];then rmdir -- "./$c";fi
[ ! -L "./$c" ]||rm -f -- "./$c"
mv -f -- "$u/last" "./$c"`

/** How it is packed is told by its first bytes, since not every tar looks. */
const untar = (strip: number) => `case $(dd if="$a" bs=4 count=1 2>/dev/null|od -An -tx1|tr -d ' \\n') in
1f8b*)p=gzip;;425a68*)p=bzip2;;fd377a58)p=xz;;28b52ffd)p=zstd;;*)p=;;esac
if [ "$p" ]&&! command -v "$p" >/dev/null;then echo "$p is not installed, and the archive is packed with it" >&2;exit 1;fi
unpacked() { if [ "$p" ];then "$p" -dc <"$a";else cat <"$a";fi; }
unpacked|tar -x -o -f - -C "$u/all"${strip > 0 ? ` --strip-components=${strip}` : ''}`

const unzip = `if command -v unzip >/dev/null;then unzip -q -o "$a" -d "$u/all"
elif command -v bsdtar >/dev/null;then bsdtar -x -o -f "$a" -C "$u/all"
elif command -v python3 >/dev/null;then python3 -m zipfile -e "$a" "$u/all"
else echo 'none of unzip, bsdtar and python3 is there to unpack a zip archive' >&2;exit 1;fi`

const stripOne = `for f in "$u/all"/* "$u/all"/.[!.]*;do if [ -d "$f" ]&&! [ -L "$f" ];then mv -- "$f" "$u/one"
for g in "$u/one"/* "$u/one"/.[!.]*;do if [ -e "$g" ]||[ -L "$g" ];then mv -- "$g" "$u/all.";fi;done;rm -rf -- "$u/one";else rm -f -- "$f";fi;done
rm -rf -- "$u/all";mv -- "$u/all." "$u/all"`.replace('for f', 'mkdir "$u/all."\nfor f')

function owning({ owner, group }: Unpacking): string {
  if (owner === undefined && group === undefined) return ''
  const name = owner === undefined ? `:${group}` : group === undefined ? owner : `${owner}:${group}`
  return `chown -hR -- ${quote(name)} .\n`
}

const moding = (type: 'f' | 'd', mode: string | undefined) =>
  mode === undefined ? '' : `find . -type ${type} -exec chmod 0${mode} {} +\n`
