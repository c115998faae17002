import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'

/**
 * What a kubeconfig of kubeadm says, in four words: server, authority, certificate, key; each of the last three a path or
 * in base64. Nothing of one that has several clusters or users, or other ways to get there.
 */
const access = `/^ *(- )?(server|certificate-authority(-data)?|client-(certificate|key)(-data)?): / {
k = $(NF - 1); sub(/(-data)?:$/, "", k); n[k]++; v[k] = $NF
}
/^ *(- )?(tls-server-name|insecure-skip-tls-verify|proxy-url|exec|auth-provider|token|tokenFile|username|as):/ { other = 1 }
END {
c = split("server certificate-authority client-certificate client-key", names)
for (i = 1; i <= c; i++) if (n[names[i]] != 1) other = 1
if (!other) for (i = 1; i <= c; i++) print v[names[i]]
}`

/**
 * Shell functions that ask the API. `api_open KUBECONFIG` comes first; `api_ask PATH…` puts the answers into `$d/1` …,
 * and `api_show NAME…` prints each after a line `== NAME`: see `apiAnswers`. `api_facts LABEL QUESTION …` asks all the
 * questions that a host has of one kubeconfig at once, each `KUBECONFIG NAME=PATH …`. They want a subshell of their own.
 *
 * curl asks for all paths in one process and over one connection, where the host has it: one kubectl for each, which does
 * nothing else than `get --raw`, costs an unchanged cluster more than all other questions together. The key is meanwhile
 * in a file of root's below /run. Without curl, or with a kubeconfig that is not as kubeadm makes it, kubectl asks, four
 * at a time. Either way a path is one request, and an API server that is there, and too slow to answer, is asked three
 * times.
 *
 * A control plane that was whole once, and does not answer (its host may just have booted), is given a minute while its
 * kubelet runs. Paths that several questions have are asked once.
 *
 * An error is told as kubectl tells it: answers that begin with a brace are objects. The API server would set its answers
 * out for people if curl gave its own name.
 */
export const apiLibrary = `api_open() {
c=$1 s=
d=$(mktemp -d /run/tsplay.XXXXXX 2>&1)||{ printf '%s\\n' "$d";exit 1; }
trap 'rm -rf "$d"' EXIT
trap 'exit 143' TERM INT HUP
command -v curl >/dev/null||return 0
set -- $(awk ${quote(access)} "$c")
if [ $# = 4 ]&&api_pem ca "$2"&&ca=$p&&api_pem cert "$3"&&cert=$p&&api_pem key "$4"&&key=$p;then s=\${1%/};fi
}
api_pem() {
p=$2
case $p in /*)[ -r "$p" ];;*)p=$d/$1;printf %s "$2"|base64 -d >"$p";;esac
}
api_node() {
read -r h </proc/sys/kernel/hostname||h=$(uname -n)
case $h in *[A-Z]*)h=$(printf %s "$h"|tr A-Z a-z);;esac
printf %s "$h"
}
api_ask() {
set +f
giveup=
while api_try "$@";[ ! "$heard" ]&&api_patient;do sleep 3;done
}
api_patient() {
case $c in */admin.conf)grep -q 'current\\.pem' "\${c%/*}/kubelet.conf"&&systemctl is-active -q kubelet;;*)false;;esac||return
now=$(date +%s) giveup=\${giveup:-$((now+60))}
[ $now -le $giveup ]
} 2>/dev/null
api_try() {
t=1
while if [ "$s" ];then api_curl "$@";else api_kubectl "$@";fi;[ "$slow" ]&&[ $t -lt 3 ];do
t=$((t+1))
sleep 2
done
}
api_curl() {
i=0 n=$# slow= fine= heard=
while [ $i -lt $n ];do i=$((i+1));set -- "$@" -o "$d/$i" "$s$1";shift;done
[ $t = 1 ]||rm -f "$d"/[0-9]*
r=$(curl -q -sS -g -A tsplay -m 15 -w '%{http_code}\\n' --cacert "$ca" --cert "$cert" --key "$key" "$@" 2>"$d/error")||case $? in 28|35)slow=y;;esac
i=0
for k in $r;do
i=$((i+1))
case $k in 2*)[ $i -gt 1 ]||fine=y;heard=y;continue;;404)heard=y;;000)continue;;500|504)slow=y;;esac
{ printf 'Error from server: ';sed 's/^{.*"message":"//;s/","reason":"\\([A-Za-z]*\\)".*/ (\\1)/' "$d/$i"; } >"$d/e"
mv "$d/e" "$d/$i"
done
}
api_kubectl() {
i=0 slow= fine= heard=
for p;do
i=$((i+1))
kubectl --kubeconfig "$c" --request-timeout=15s get --raw "$p" >"$d/$i" 2>&1 &
[ $((i%4)) -gt 0 ]||wait
done
wait
if grep -q '^[^{].*\\(TLS handshake timeout\\|Client.Timeout\\|context deadline exceeded\\|etcdserver: \\)' "$d"/[0-9]*;then slow=y;fi
if grep -q '^{' "$d/1";then fine=y;fi
if grep -q '^{\\|^Error from server (NotFound)' "$d"/[0-9]*;then heard=y;fi
}
api_show() {
i=0 j=0 o=
for n;do i=$((i+1));api_answer "$n";done
cat $o
}
api_answer() {
j=$((j+1)) p=$d/$i
if ! [ -e "$p" ];then p=$d/error;fi
echo "== $1" >"$d/head$j"
echo >"$d/tail"
o="$o $d/head$j $p $d/tail"
}
api_place() {
i=0
for p in $q;do
i=$((i+1))
if [ "$p" = "$1" ];then return 0;fi
done
return 1
}
api_facts() {
w=\${2%% *} q= y=0 d=
set -f
for x;do case $x in "$w "*)y=$((y+2));for z in \${x#* };do api_place "\${z#*=}"||q="$q \${z#*=}";done;;esac;done
[ $y = $# ]||return 1
if [ -e "$w" ];then api_open "$w";api_ask $q;fi
j=0 o=
set -f
while [ $# -gt 0 ];do
if [ "$d" ];then
mark "$1" >"$d/mark$j"
o="$o $d/mark$j"
for z in \${2#* };do api_place "\${z#*=}";api_answer "\${z%%=*}";done
else mark "$1";fi
shift 2
done
[ ! "$d" ]||cat $o
}`

/** Shell text that asks for paths, which are words of shell, and prints the answers under their names. */
export const apiQuestions = (kubeconfig: string, paths: Readonly<Record<string, string>>): string =>
  `api_open ${quote(kubeconfig)}
api_ask ${Object.values(paths).join(' ')}
api_show ${Object.keys(paths).map(quote).join(' ')}`

/**
 * How a host with that kubeconfig asks for paths, which are words of shell without spaces, under names: nothing where it
 * has none.
 */
export const apiProbe = (
  kubeconfig: string,
  paths: Readonly<Record<string, string>>,
): Pick<Probe<unknown>, 'library' | 'script' | 'together' | 'remote'> => ({
  library: apiLibrary,
  remote: true,
  together: {
    call: 'api_facts',
    subject: [quote(kubeconfig), ...Object.entries(paths).map(([name, path]) => `${name}=${path}`)].join("' '"),
  },
  script: `if [ -e ${quote(kubeconfig)} ];then
${apiQuestions(kubeconfig, paths)}
fi`,
})

/** A node's path in the API, as a word of shell: that of the host's own where none is named. */
export const nodePath = (node: string | undefined): string =>
  node === undefined ? '/api/v1/nodes/"$(api_node)"' : quote(`/api/v1/nodes/${node}`)

/** The path of all nodes in the API, as a word of shell. */
export const nodesPath = '/api/v1/nodes'
