import { quote } from '../model/quote.ts'
import { planName } from './tree-archive.ts'

/**
 * POSIX text that makes `tree_stage DIRECTORY MODE`, which takes an archive of treeArchive on standard input into a new
 * directory, `n`, in the one that is to be changed (which is made where it is missing). Ends the shell when it can't.
 */
export const treeStage = `tree_fail() { printf 'tsplay: %s: %s\\n' "$1" "$2" >&2; exit 1; }
tree_stage() {
[ -d "$1" ] || mkdir -m "$2" -- "$1" || exit 1
i=
trap i=129 HUP; trap i=130 INT; trap i=143 TERM
n=$(trap '' HUP INT TERM; umask 077; mktemp -d "\${1%/}/.tsplay-XXXXXX") || tree_fail "$1" 'no directory can be made in it'
trap 'rm -rf -- \${n:+"$n"}' EXIT; trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 141' PIPE; trap 'exit 143' TERM
[ -z "$i" ] || exit "$i"
}
tree_extract() {
tar -x -o -f - -C "$n" && [ -f "$n/${planName}" ] || tree_fail "$1" 'the files did not come whole (is tar installed, and is there room?)'
}`

/**
 * POSIX text that makes `tree_place DIRECTORY OWNER GROUP`, which carries out the plan in the directory `n` with what is
 * beside it. Needs `place` and {@link treeStage}. A file that is there is replaced by `place`; a new one, or one in place
 * of a link, is renamed to where it goes. Stops at the first failure.
 */
export const treePlace = `tree_own() { [ -z "$w$g" ] || chown -h "$w\${g:+:$g}" "$1"; }
tree_place() {
o=\${1%/} w=$2 g=$3
sync -f "$n" 2>/dev/null || sync
while IFS= read -r l <&4; do
k=\${l%% *} l=\${l#* } m=\${l%% *} l=\${l#* } i=\${l%% *} t=$o/\${l#* }
case $k in
remove) if [ -d "$t" ] && ! [ -L "$t" ]; then rmdir -- "$t"; else rm -f -- "$t"; fi ;;
directory) { [ -d "$t" ] || mkdir -m "$m" -- "$t"; } && tree_own "$t/." && chmod "0$m" "$t" ;;
attributes) tree_own "$t" && { [ "$m" = - ] || chmod "0$m" "$t"; } ;;
link)
IFS= read -r l <&4
ln -s -- "$l" "$n/$i" && tree_own "$n/$i" && tree_move ;;
file)
if [ -f "$t" ] && ! [ -L "$t" ]; then place "$t" '' "0$m" "$w" "$g" '' '' '' <"$n/$i"
else tree_own "$n/$i" && chmod "0$m" "$n/$i" && tree_move; fi ;;
esac || tree_fail "$t" "$k failed"
done 4<"$n/${planName}"
}
tree_move() {
mv -fT -- "$n/$i" "$t" 2>/dev/null || { { [ ! -L "$t" ] || rm -f -- "$t"; } && mv -f -- "$n/$i" "$t"; } || return
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$t"; fi
}`

export interface TreePlacement {
  readonly to: string
  readonly rootMode: string
  /** Where the archive is: on standard input, or in the directory that Session.uploadTree gave. */
  readonly source: 'stdin' | { readonly stage: string }
  readonly owner?: string
  readonly group?: string
}

/** POSIX text that changes a directory, in a subshell of its own. */
export function treeCall({ to, rootMode, source, owner = '', group = '' }: TreePlacement): string {
  const staged =
    source === 'stdin'
      ? [`tree_stage ${quote(to)} ${rootMode}`, `tree_extract ${quote(to)}`]
      : [`n=${quote(source.stage)}`, `trap 'rm -rf -- "$n"' EXIT; trap 'exit 143' HUP INT PIPE TERM`]
  return `(\n${[...staged, `tree_place ${[to, owner, group].map(quote).join(' ')} </dev/null`].join('\n')}\n)`
}
