import { quote } from '../../../runner/model/quote.ts'
import { compressor } from './archive-format.ts'
import { record, recordHeader } from './archive-record.ts'
import { listing, type Packing } from './archive-state.ts'

export interface ArchivePlace {
  /** Of what is there, or as asked. */
  readonly mode: string
  /** `OWNER`, `OWNER:GROUP` or `:GROUP`; the user's own where it is left out. */
  readonly owner: string | undefined
}

/**
 * Packs into a directory of its own beside the archive, and moves it in; what an earlier cut has left takes room, and goes
 * first. The record is of what was looked at: what has changed since is packed again by the next run.
 */
export const archiveScript = (packing: Packing, digest: string, { mode, owner }: ArchivePlace): string => `set -e
cd ${quote(packing.directory)}
${listing(packing)}
r=$(readlink -f "$a" 2>/dev/null||:);b=\${r:-$a};f=\${b%/*}/
rm -rf -- "$f".tsplay-archive.*
umask 077
u=
trap 'rm -rf -- \${u:+"$u"}' EXIT
trap 'exit 143' TERM INT HUP
u=$(mktemp -d "$f.tsplay-archive.XXXXXX")
${packing.format === 'zip' ? zipped(digest) : tarred(packing.format, digest)}
sync "$u/a.zip" 2>/dev/null||sync
${owner === undefined ? '' : `chown -- ${quote(owner)} "$u/a.zip"\n`}chmod 0${mode} "$u/a.zip"
mv -f -- "$u/a.zip" "$b"
if command -v restorecon >/dev/null;then restorecon "$b" 2>/dev/null||:;fi`

const zipped = (digest: string): string => `printf '%s\\n' "$l"|zip -X -y -q "$u/a.zip" -@
echo '${record(digest)}'|zip -q -z "$u/a.zip" >/dev/null`

/**
 * GNU's tar reads a list of names; busybox's may not, and gets them as arguments: each part of the archive that it gives
 * ends with two blocks of NUL, of which only the last are kept.
 */
function tarred(format: Exclude<Packing['format'], 'zip'>, digest: string): string {
  const program = compressor[format]
  return `pack() {
${recordHeader(digest)}
if tar --version 2>/dev/null|grep -q GNU;then printf '%s\\n' "$l"|tr '\\n' '\\0'|tar -c -f - --no-recursion --null -T -
else
each sh -c 'e=$({ { tar -c -f - --no-recursion -- "$@"||echo failed >&4; }|head -c -1024 >&3; } 4>&1);[ ! "$e" ]' sh 3>&1
dd if=/dev/zero bs=1024 count=1 2>/dev/null
fi
}
e=$({ { (set -e;pack)||echo failed >&3; }|${program === undefined ? 'cat' : `${program} -c`} >"$u/a.zip"; } 3>&1)
[ ! "$e" ]`
}
