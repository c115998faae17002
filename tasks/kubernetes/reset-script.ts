import { quote } from '../../runner/model/quote.ts'
import { ownChains } from './firewall-script.ts'
import { firewallPrograms, type Leftovers } from './leftovers.ts'

export interface ResetScriptOptions {
  readonly criSocket: string
  readonly leftovers: Leftovers
  /** Whether kubeadm has anything to reset; without it, only what is left over is taken away. */
  readonly kubeadm: boolean
}

/**
 * Takes a node's membership off a host: `kubeadm reset` first, then what it leaves. Files that are mounted stay mounted,
 * and are emptied.
 */
export function resetScript({ criSocket, leftovers, kubeadm }: ResetScriptOptions): string {
  const { links, routes, tables } = leftovers
  const used = new Set(leftovers.chains.map((chain) => chain.split(' ')[0]))
  const programs = firewallPrograms.filter((program) => used.has(program))
  return `PATH=$PATH:/usr/sbin:/sbin
bad=
fail() { echo "$1" >&2;bad=y; }
${
  kubeadm
    ? `if command -v kubeadm >/dev/null;then
kubeadm reset -f --cri-socket ${quote(criSocket)} </dev/null||fail 'kubeadm reset failed'
fi`
    : ''
}
systemctl stop kubelet 2>/dev/null
# Pods that kubeadm did not find any more.
if command -v crictl >/dev/null;then
for p in $(crictl -r ${quote(criSocket.includes('://') ? criSocket : `unix://${criSocket}`)} pods -q 2>/dev/null);do
crictl -r ${quote(criSocket.includes('://') ? criSocket : `unix://${criSocket}`)} stopp "$p" >/dev/null 2>&1
crictl -r ${quote(criSocket.includes('://') ? criSocket : `unix://${criSocket}`)} rmp "$p" >/dev/null 2>&1
done
fi
# A volume that is still mounted would be emptied with its mount point.
sed -n 's,^[^ ]* \\(/var/lib/kubelet/[^ ]*\\) .*,\\1,p' /proc/mounts|sort -r|while read -r m;do
m=$(printf %b "$m");umount "$m" 2>/dev/null||umount -l "$m"
done
if grep -q ' /var/lib/kubelet/' /proc/mounts;then fail 'volumes are still mounted below /var/lib/kubelet: nothing there is deleted'
else wiped=/var/lib/kubelet
fi
for d in $wiped /etc/kubernetes /var/lib/etcd /etc/cni/net.d /var/lib/cni /run/flannel /var/lib/calico /run/calico;do
[ -e "$d" ]||continue
find "$d" -mindepth 1 -xdev -delete||fail "$d can not be emptied"
# The container runtime watches the folder of CNI's configuration, and would not see another of the same name.
[ "$d" = /etc/cni/net.d ]||rmdir "$d" 2>/dev/null
done
${links.map((link) => `ip link delete ${quote(link.split('@')[0] ?? link)} 2>/dev/null`).join('\n')}
${routes.map((range) => `ip route delete ${quote(range)} 2>/dev/null`).join('\n')}
if command -v ipvsadm >/dev/null&&[ -e /proc/net/ip_vs ];then ipvsadm -C;fi
t=$(mktemp)||exit 1
trap 'rm -f "$t"' EXIT
${ownChains}
${programs.map((program) => `own_chains ${program}||fail 'the chains of ${program} can not be taken away'`).join('\n')}
${tables.map((table) => `nft delete table ${table}||fail 'the table ${table} can not be taken away'`).join('\n')}
[ -z "$bad" ]`
}
