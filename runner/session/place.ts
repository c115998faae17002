import { TsplayError } from '../model/errors.ts'
import { quote } from '../model/quote.ts'
import { replacedFile } from './replaced-file.ts'

export interface Placement {
  readonly to: string
  /** Where the content is: on standard input, or in the file that Session.upload gave. */
  readonly source: 'stdin' | { readonly temporary: string }
  /** Octal, such as `0644`. @default that of the file it replaces, or `0644` */
  readonly mode?: string
  /** Name or number. @default that of the file it replaces, or the session's user */
  readonly owner?: string
  readonly group?: string
  /** A command that must accept the file before it replaces the old one; an unquoted `%s` stands for its path. */
  readonly validate?: string
  /** Keeps the old file as `NAME.~YYYYMMDDThhmmssZ~`, with `.1` and on before the last `~` for more in one second. */
  readonly backup?: boolean
}

/**
 * Owner before mode, since chown clears set-uid; access list before mode, since its mask is the mode's middle digit. Extended
 * attributes are kept by GNU's cp, the only program for them that hosts have unasked.
 */
const attributes = `x=
if [ -e "$t" ]; then
  x=1
  set -- $(stat -c '%u %g %a' "$t" "$n" 2>/dev/null || stat -f '%u %g %Mp%Lp' "$t" "$n")
  [ $# = 6 ] || fail 'its owner and mode can not be read'
  [ -n "$u" ] || [ "$1" = "$4" ] || u=$1
  [ -n "$g" ] || [ "$2" = "$5" ] || g=$2
  [ -n "$o" ] || o=$3
fi
[ -n "$o" ] || o=0644
if [ -n "$u$g" ]; then chown "$u\${g:+:$g}" "$n" || fail "its owner can not be made $u\${g:+:$g}"; fi
if [ -n "$x" ]; then
  cp --attributes-only --preserve=xattr -- "$t" "$n" 2>/dev/null || :
  if [ -e /sys/fs/selinux/enforce ] && [ "$(stat -c %C "$t")" != "$(stat -c %C "$n")" ]; then
    chcon --reference="$t" "$n" || fail 'its SELinux context can not be kept'
  fi
  if command -v setfacl >/dev/null 2>&1 && [ -n "$(getfacl -cps -- "$t" "$n" 2>/dev/null)" ]; then
    getfacl -cp -- "$t" | setfacl --set-file=- "$n" || fail 'its access control list can not be kept'
  fi
fi
chmod "$o" "$n" || fail "its mode can not be made $o"`

const validation = `if [ -n "$v" ]; then
  ( eval "$v"
) </dev/null >&2 || fail "the new content was refused (exit code $?) by: $a"
fi
`

/**
 * A second name for the old file costs no space, and keeps everything of it. A run that was cut may have made it; an
 * older backup of the same second keeps its name.
 */
const copyOld = `if [ -n "$k" ] && [ -e "$t" ]; then
  l=$(date -u +%Y%m%dT%H%M%SZ) i=0 k=$t.~$l~
  while [ -e "$k" ] && ! [ "$k" -ef "$t" ]; do i=$((i+1)) k=$t.~$l.$i~; done
  [ -e "$k" ] || { [ -z "$m" ] && ln -- "$t" "$k" 2>/dev/null; } || cp -p -- "$t" "$k" || { rm -f -- "$k"; fail 'the backup can not be made'; }
fi`

/**
 * A mount point keeps its inode, so attributes are set on that as well; while it is being written (`w`), any end but
 * that by KILL puts the old content back, and not even KILL finds it empty: the new content is written over the old one, and
 * ends in blank lines where that was longer, until they are cut off. SELinux may know a context for the path that a file
 * made under another name has not.
 */
const finish = `if [ -z "$m" ]; then
  mv -f -- "$n" "$t" || fail 'it can not be replaced'
  if [ -z "$x" ] && [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$t"; fi
else
  s=$(umask 077; mktemp "\${TMPDIR:-/tmp}/tsplay-XXXXXX") && cat -- "$t" >"$s" || fail 'its old content can not be kept meanwhile'
  l=$(($(wc -c <"$n"))) i=$(($(wc -c <"$t")-l))
  [ "$i" -le 0 ] || tr '\\0' '\\n' </dev/zero | head -c "$i" >>"$n" || fail 'its new content can not be made as long as the old one'
  w=1
  { e=$(LC_ALL=C dd if="$n" of="$t" bs=65536 conv=notrunc 2>&1) && e=$(LC_ALL=C dd if=/dev/null of="$t" bs=1 seek="$l" 2>&1); } ||
    fail "it is a mount point and can not be written; its old content was put back: $(printf '%s\\n' "$e" | sed '/^[0-9]/d')"
  w=
  if [ -n "$u$g" ]; then chown "$u\${g:+:$g}" "$t" || fail "its owner can not be made $u\${g:+:$g}"; fi
  chmod "$o" "$t" || fail "its mode can not be made $o"
fi`

/**
 * POSIX text that makes `place`, which replaces a file at once or not at all: a temporary file beside the target, fsync,
 * owner, mode, rename. Symlinks are followed; owner, mode, SELinux context, access control list and (by GNU's cp)
 * extended attributes are kept where nothing else is asked. A mount point is written in place, and given its old content
 * back when that fails. The temporary file is removed unless the text is killed by KILL. Ends with 0, or with 1 and the
 * reason on the error stream. One definition serves any number of calls.
 */
export const placeLibrary = `place() (
f=$2 o=$3 u=$4 g=$5 k=$6 v=$7 a=$8
${replacedFile('$1')}
if [ -z "$f" ]; then temporary; receive
else
  n=$f
  [ -f "$n" ] || fail "its new content, $n, has gone"
  [ -n "$m" ] || [ "\${n%/*}/" = "\${d%/}/" ] || fail 'a symbolic link was changed meanwhile'
fi
${attributes}
${validation}${copyOld}
${finish}
)`

/**
 * POSIX text that calls `place` of {@link placeLibrary}.
 *
 * @throws TsplayError OPTIONS when `validate` has no `%s`.
 */
export function placeCall({ to, source, mode, owner, group, backup, validate }: Placement): string {
  const temporary = source === 'stdin' ? '' : source.temporary
  if (validate !== undefined && !validate.includes('%s')) {
    throw new TsplayError('OPTIONS', `validate: \`${validate}\` has no %s for the file's path`)
  }
  const check = validate === undefined ? ['', ''] : [validate.replaceAll('%s', '"$n"'), validate]
  return [
    'place',
    ...[to, temporary, mode ?? '', owner ?? '', group ?? '', backup === true ? '1' : '', ...check].map(quote),
  ].join(' ')
}

/** POSIX text that replaces one file, on its own: {@link placeLibrary} with one call. */
export const placeScript = (placement: Placement): string => `(\n${placeLibrary}\n${placeCall(placement)}\n)`
