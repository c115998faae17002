/**
 * Shell functions over apk 2 and 3. A line of the world is `NAME[@TAG][OPERATOR VERSION]`; the tag, which names a repository,
 * is kept whatever becomes of the rest.
 *
 * - `world NAME`: what the world says behind a name. `held NAME …`: those that it keeps at one version.
 * - `update`: fetches the lists.
 * - `known NAME[=VERSION] …`: fails on what the repositories do not know, also once their lists are fetched.
 * - `choose NAME VERSION`: sets `c` to what is to be given to apk, and `newer` where it has to be asked for the newest.
 * - `release NAME …`, `hold NAME …`: names them in the world, free, or kept at the installed version.
 */
export const apkLibrary = (flags: string): string => `PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
export PATH LC_ALL=C
umask 022
apk() { command apk --no-progress ${flags} "$@"; }
update() {
n=0
until apk -q update;do
n=$((n+1))
if [ $n -ge 3 ];then return 1;fi
sleep 3;lock_free
done
}
world() { awk -v n="$1" '{c=match($0,/[@<>=~]/);if((c?substr($0,1,c-1):$0)==n)print c?substr($0,c):""}' /etc/apk/world; }
tag() { w=$(world "$1");case $w in @*)printf %s "\${w%%[<>=~]*}";;esac; }
held() { for p;do case $(world "$p") in =*|@*[!'<>=~']=*|*'><'*)printf '%s ' "$p";;esac;done; }
installed() { awk -v n="$1" '/^P:/{p=(substr($0,3)==n)} p&&/^V:/{print substr($0,3);exit}' /lib/apk/db/installed; }
versions() { apk policy "$1" 2>/dev/null|sed -n 's/^  \\([^ ].*\\):$/\\1/p'; }
newest() {
b=
for v in $(versions "$1");do
case $v in $2)if [ -z "$b" ]||[ "$(apk version -t "$v" "$b")" = '>' ];then b=$v;fi;;esac
done
printf %s "$b"
}
unknown() {
u=
for p;do case $p in
*=*)[ "$(newest "\${p%%=*}" "\${p#*=}")" ];;
*)[ "$(apk policy "$p" 2>/dev/null)" ];;
esac||u="$u $p";done
[ "$u" ]
}
known() {
unknown "$@"||return 0
echo "the lists of packages do not know:$u"
update
unknown "$@"||return 0
for p in $u;do case $p in *=*)echo "versions of \${p%%=*}: $(versions "\${p%%=*}"|tr '\\n' ' ')" >&2;;esac;done
echo "no such package:$u (is it misspelt, or is its repository missing?)" >&2
exit 100
}
older() {
i=$(installed "$1")
if [ -z "$down" ]&&[ "$i" ]&&[ "$(apk version -t "$v" "$i")" = '<' ];then
echo "$1 $v is older than the installed $i: allowDowngrade: true lets it in" >&2;exit 1;fi
}
choose() {
if [ "$2" ];then v=$(newest "$1" "$2");older "$1";c=$1$(tag "$1")=$v;return;fi
if [ "$(installed "$1")" ];then newer=-u
if [ -z "$free" ]&&[ "$(held "$1")" ];then
echo "$1 is held by $1$(world "$1") in /etc/apk/world: say hold: true or false to let it go up" >&2;exit 1;fi
elif [ -z "$free" ];then c=$1$(world "$1");return;fi
c=$1$(tag "$1")
}
itself() {
for p;do
[ "$(installed "$p")" ]||{ echo "$p is no package, but what another provides: name that one: $(apk list -I -P "$p" 2>/dev/null|awk '{print $2}')" >&2;return 1; }
done
}
release() { for p;do apk add -- "$p$(tag "$p")"||return 1;done; }
hold() {
for p;do w=$(world "$p") i=$(installed "$p")
case $w in *'><'*|*[!'<>~']="$i"|="$i");;*)apk add -- "$p$(tag "$p")=$i"||return 1;;esac
done
}
remove() {
f=;if [ "$1" = --purge ];then f=$1;shift;fi
shift
o=$(apk -s del "$@" 2>&1)
case $o in *'not removed due to'*)
printf '%s\\n' "$o"|sed -n '/not removed due to/,/^$/p' >&2
echo 'other packages need it: name them too, or leave it' >&2;return 1;;esac
apk del $f -- "$@"
}`
