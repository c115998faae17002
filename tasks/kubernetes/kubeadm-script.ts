import { quote } from '../../runner/model/quote.ts'

/**
 * Shell text that runs kubeadm with its configuration from standard input, which is in no file that has a name. Tokens
 * that it prints are left out. Where it fails, what its checks found comes last, or what the kubelet and the containers
 * said.
 */
export const kubeadmScript = (args: readonly string[]): string => `umask 022
t=$(mktemp -d /run/kubeadm.XXXXXX)||exit 1
trap 'rm -rf "$t"' EXIT
{ kubeadm ${args.map(quote).join(' ')} --config /dev/stdin 2>"$t/err";echo $? >"$t/code"; }|\
sed -u 's/\\(Using token: \\).*/\\1(not shown)/;s/\\(--token \\)[^ ]*/\\1(not shown)/;s/\\(--certificate-key \\)[^ ]*/\\1(not shown)/'
read -r code <"$t/code"
sed 's/--token [^ ]*/--token (not shown)/' "$t/err" >&2
if [ "$code" = 0 ];then exit 0;fi
if grep -q '\\[ERROR ' "$t/err";then
echo "kubeadm's checks: $(sed -n 's/^[[:space:]]*\\[ERROR \\([^]]*\\)\\]: */\\1: /p' "$t/err"|tr '\\n' ';'|sed 's/;$//;s/;/; /g')" >&2
else
crictl ps -a 2>/dev/null|tail -n 10 >&2
journalctl --no-pager -q -o cat -u kubelet -n 400 2>/dev/null|grep '^[EF][0-9]'|\
grep -v -e 'node ".*" not found' -e 'connection refused' -e 'cni plugin not initialized'|cut -c 1-500|tail -n 4 >&2
grep -v '^To see the stack trace' "$t/err"|grep -v '^[[:space:]]*$'|tail -n 1 >&2
fi
exit "\${code:-1}"`
