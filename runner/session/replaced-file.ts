/**
 * POSIX text that finds the file that is to be replaced, from a shell word: symlinks are followed, since the link is to stay, and the
 * folder must be there. Sets `t` the file, `d` its folder, `b` its name, and `m` when it is a mount point: nothing can be
 * renamed onto that (container engines mount single files such as /etc/hosts). Makes `fail MESSAGE` and `temporary`,
 * which creates an empty file of mode 0600 beside the target, `n`. The name begins with a dot and does not end as the
 * target does, so that nothing that reads a whole folder takes it for the real one.
 */
export const replacedFile = (word: string): string => `t=${word} n= m= s= w= i=0
fail() { printf 'tsplay: %s: %s\\n' "$t" "$1" >&2; exit 1; }
while [ -h "$t" ]; do
  i=$((i+1)); [ "$i" -le 40 ] || fail 'too many symbolic links'
  l=$(readlink "$t"; printf .) || fail 'the symbolic link can not be read'
  l=\${l%?.}
  case $l in /*) t=$l ;; *) case $t in */*) t=\${t%/*}/$l ;; *) t=$l ;; esac ;; esac
done
case $t in */*) d=\${t%/*} ;; *) d=. t=./$t ;; esac
[ -n "$d" ] || d=/
b=\${t##*/}
[ -n "$b" ] || fail 'not the name of a file'
[ -d "$t" ] && fail 'is a directory'
[ -e "$t" ] && [ ! -f "$t" ] && fail 'is not a regular file'
[ -d "$d" ] || fail "the folder $d does not exist"
if [ -e "$t" ]; then
  l=$(cd -P -- "$d" && pwd -P); l=\${l%/}/$b
  # A node may have thousands of mounts, which a shell reads byte by byte.
  ! grep -qF " $l " /proc/self/mountinfo 2>/dev/null || while read -r i i i i p i; do [ "$p" = "$l" ] && m=1; done </proc/self/mountinfo
fi
temporary() {
  [ -w "$d" ] || [ -n "$m" ] || fail "$(id -un 2>/dev/null || id -u) may not write to the folder $d"
  l=.$b; [ \${#l} -le 200 ] || l=
  # A signal between the file and its name would leave it behind: mktemp is not to see it, and we act on it right after.
  i=
  trap i=129 HUP; trap i=130 INT; trap i=143 TERM
  if [ -n "$m" ]; then n=$(trap '' HUP INT TERM; umask 077; mktemp "\${TMPDIR:-/tmp}/tsplay-XXXXXX") || fail 'no temporary file can be made'
  else n=$(trap '' HUP INT TERM; umask 077; mktemp "$d/$l.tsplay-XXXXXX") || fail "no file can be made in $d"; fi
  stoppable
  [ -z "$i" ] || exit "$i"
}
stoppable() { trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 141' PIPE; trap 'exit 143' TERM; }
# dd says why it failed, and counts; only the reason is wanted.
receive() {
  if dd if=/dev/null of="$n" conv=fsync 2>/dev/null; then e=$(LC_ALL=C dd of="$n" bs=65536 conv=fsync 2>&1)
  else e=$(LC_ALL=C cat 2>&1 >"$n") && sync; fi || fail "$(printf '%s\\n' "$e" | sed '/^[0-9]/d')"
}
trap '[ -z "$w" ] || cat -- "$s" >"$t"; rm -f -- \${n:+"$n"} \${s:+"$s"}' EXIT; stoppable`

/** POSIX text that makes `digest`: SHA-256 of standard input in hex, or nothing where the host has no tool for it. */
export const digestCommand = `digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r
  else cat >/dev/null; fi | sed 's/ .*//'
}`
