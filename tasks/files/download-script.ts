import { sha256 as digestOf } from '../../runner/model/content.ts'
import { quote } from '../../runner/model/quote.ts'

export interface Fetch {
  readonly url: string
  readonly path: string
  readonly sha256: string | undefined
  readonly mode: string
  /** Set where it is not yet so. */
  readonly owner: string | undefined
  readonly group: string | undefined
}

/**
 * Fetches into a temporary file beside the target (where it leads, if it is a link), checks, sets mode and owner, renames:
 * last, so that nothing is left that the next run does not find. Links are followed one by one, since busybox's
 * `readlink -f` goes wrong where the last leads to nothing. busybox's wget takes `-t` and ignores it, but may know no `-T`:
 * how long it may take is the step's limit to say.
 */
export const downloadScript = ({ url, path, sha256, mode, owner, group }: Fetch) => `set -e
p=${quote(path)} u=${quote(url)}
i=0
while [ -L "$p" ];do
i=$((i+1));if [ $i -gt 40 ];then printf '%s\\n' "$p: too many symbolic links" >&2;exit 1;fi
l=$(readlink -n "$p";echo .) l=\${l%.}
case $l in /*)p=$l;;*)p=\${p%/*}/$l;;esac
done
umask 077
${begun(digestOf(`${url} ${sha256}`).slice(0, 12))}${fetchText(sha256 !== undefined)}
${sha256 === undefined ? 'fetch' : verified(sha256)}
keep=y
${owner === undefined ? '' : setOwner(owner, group)}${
  owner === undefined && group !== undefined ? `chgrp ${quote(group)} "$t"\n` : ''
}chmod 0${mode} "$t"
sync "$t" 2>/dev/null||sync
rm -f "$t.head" "$t.new"
mv -f "$t" "$p"
trap - EXIT`

/**
 * What a cut has left is taken up again: a file of our own by a name that only this address and digest have, and beside it
 * what the server said of it. Never a link, nor a file of somebody else's, nor one with a second name, since others may be
 * able to write here.
 */
const begun = (id: string) => `b=\${p%/*}/.tsplay-download.${id}
t=
for f in "$b".??????;do
if ! [ "$t" ]&&[ -f "$f" ]&&! [ -L "$f" ]&&[ "$(stat -c '%u %h' "$f")" = "$(id -u) 1" ];then t=$f
elif [ -e "$f" ]||[ -L "$f" ];then rm -f "$f" "$f.head"||:;fi
done
[ "$t" ]||t=$(mktemp "$b.XXXXXX")
keep=
trap '[ "$keep" ]&&[ -s "$t" ]||rm -f "$t.head" "$t.new" "$t"' EXIT
trap 'exit 143' TERM INT HUP
`

/**
 * Fetches four times at most, each time from where the last one ended: only what the server calls the same (If-Range of RFC
 * 9110, 13.1.5), or what the digest will tell. curl ends with 33 where the server gives the whole all the same. Of wget
 * nothing but the file's growth is known.
 */
const fetchText = (isVerified: boolean) => `empty() { : >"$t";rm -f "$t.head";}
said() { tr -d '\\r' <"$t.head" 2>/dev/null|awk 'tolower($1)~/^http\\//{e="";m="";next}
{h=tolower($1);v=$0;sub(/^[^:]*: */,"",v)} h=="etag:"&&v!~/^W\\//{e=v} h=="last-modified:"{m=v} END{print e!=""?e:m}';}
by_curl() {
if [ "$r" ];then set -- -C -;[ ! "$v" ]||set -- "$@" -H "If-Range: $v";else set --;fi
s=$(curl -fsSL --connect-timeout 20 -D "$t.new" -w '%{http_code}' -o "$t" "$@" "$u")||c=$?
case $s in 200|206)mv -f "$t.new" "$t.head";;*)rm -f "$t.new";;esac
case $c in
0);;
33|36)empty;;
5|6|7|18|28|35|52|55|56|92)sleep 1;;
22)case $s in 416)empty;;408|429|5??)sleep 1;;*)keep=;exit $c;;esac;;
*)keep=;exit $c;;esac
}
by_wget() {
l=$(stat -c %s "$t")
if [ "$r" ];then set -- -c;else set --;fi
wget -q -t 3 "$@" -O "$t" "$u"||c=$?
if [ $c != 0 ]&&[ "$(stat -c %s "$t")" = "$l" ];then
if [ "$r" ];then empty;else printf '%s\\n' "wget could not fetch $u" >&2;keep=;exit 1;fi
fi
}
fetch() {
n=0
while [ $n -lt 4 ];do
n=$((n+1)) c=0 r= v=
if [ -s "$t" ];then v=$(said);if [ "$v" ]||${isVerified};then r=y;else empty;fi;fi
keep=y
if command -v curl >/dev/null;then by_curl
elif command -v wget >/dev/null;then ${isVerified ? '' : 'empty;r=;'}by_wget
else echo 'neither curl nor wget is installed' >&2;keep=;exit 1;fi
[ $c != 0 ]||return 0
done
printf '%s\\n' "$u was cut each time: what has come is kept for the next run" >&2
exit $c
}`

const verified = (sha256: string) => `right() { d=$(sha256sum <"$t") d=\${d%% *};[ "$d" = ${sha256} ];}
if ! [ -s "$t" ]||! right;then
fetch
if ! right&&[ "$r" ];then empty;fetch;fi
right||{ printf '%s\\n' "what $u gives has the sha256 $d, not ${sha256}" >&2;keep=;exit 1;}
fi`

/** A user who is not root may give nothing away, but need not where it is already right. */
const setOwner = (owner: string, group: string | undefined) => {
  const name = group === undefined ? owner : `${owner}:${group}`
  const ids = group === undefined ? '%u' : '%u:%g'
  return `[ "$(stat -c ${ids} "$t")" = ${quote(name)} ]||chown ${quote(name)} "$t"\n`
}
