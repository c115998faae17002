import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'

/** What Kubernetes and its Pod network leave on a host beside the files of `kubeadm reset`. */
export interface Leftovers {
  /** Directories that hold something. */
  readonly directories: readonly string[]
  /** Network links: `cni0`. */
  readonly links: readonly string[]
  /** Firewall chains by program: `iptables nat KUBE-SERVICES`. */
  readonly chains: readonly string[]
  /** Tables of nftables that are all Kubernetes' or its Pod network's: `ip kube-proxy`. */
  readonly tables: readonly string[]
  /** Routes to Pods on other nodes: `10.244.1.0/24`. */
  readonly routes: readonly string[]
}

export const leftoversFact = 'kubernetes:leftovers'

const directories = [
  '/etc/kubernetes',
  '/var/lib/kubelet',
  '/var/lib/etcd',
  '/etc/cni/net.d',
  '/var/lib/cni',
  '/run/flannel',
  '/var/lib/calico',
  '/run/calico',
]

/** Links of Pod networks; those of Pods go with the Pods (ip-link(8) takes no patterns). */
const linkPattern =
  '^(cni[0-9]+|flannel[.-].*|kube-ipvs0|nodelocaldns|cali[0-9a-f].*|vxlan.calico|tunl0@.*|cilium_.*|lxc_health|weave|vethwe-.*)$'

/** Chains that are Kubernetes', or a Pod network's of its nodes. */
export const chainPattern = '(KUBE-|CNI-|FLANNEL-|cali-|CILIUM_|WEAVE-)'

/** Tables of nftables that kube-proxy, flannel and Calico have to themselves. */
const tablePattern = '(kube-proxy|flannel-ipv[46]|calico)'

/** The programs through which chains are seen: both kinds where both are installed. */
export const firewallPrograms = [
  'iptables-nft',
  'ip6tables-nft',
  'iptables-legacy',
  'ip6tables-legacy',
  'iptables',
  'ip6tables',
]

/**
 * Asks for it. `podSubnet`: where routes lead that are the Pod network's. The legacy programs would load their kernel
 * modules by looking: they are only asked where those are loaded.
 */
export const leftoversProbe = (podSubnet: string | undefined): Probe<Leftovers> => ({
  fact: leftoversFact,
  script: `{
PATH=$PATH:/usr/sbin:/sbin
for d in ${directories.join(' ')};do [ -n "$(ls -A "$d")" ]&&echo "directory $d";done
for l in /sys/class/net/*;do echo "\${l##*/}";done|grep -E ${quote(linkPattern)}|sed 's/^/link /'
seen=
for p in ${firewallPrograms.join(' ')};do
command -v $p-save >/dev/null||continue
case $p in *-nft)seen=y;;*-legacy)[ -s /proc/net/ip_tables_names ]||[ -s /proc/net/ip6_tables_names ]||continue;;*)[ "$seen" ]&&continue;;esac
$p-save|sed -n -E "s/^\\*(.*)/\\1/;t t;s/^:(${chainPattern}[^ ]*) .*/\\1/;t c;b;:t;h;b;:c;G;s/(.*)\\n(.*)/chain $p \\2 \\1/p"
done
nft list tables|sed -n -E 's/^(table (ip6?|inet) ${tablePattern})$/\\1/p'
${
  podSubnet === undefined
    ? ''
    : podSubnet
        .split(',')
        .map(
          (range) =>
            `ip ${range.includes(':') ? '-6' : '-4'} route show root ${quote(range.trim())}|sed -n 's/^\\([0-9a-f]*[.:][^ ]*\\) .*/route \\1/p'`,
        )
        .join('\n')
}
} 2>/dev/null`,
  parse(raw) {
    const all = (key: string) =>
      [...new Set([...raw.matchAll(new RegExp(`^${key} (.+)$`, 'gm'))].map((match) => match[1] ?? ''))].toSorted()
    return {
      directories: all('directory'),
      links: all('link'),
      chains: all('chain'),
      tables: all('table'),
      routes: all('route'),
    }
  },
})

export const isClean = ({ directories: dirs, links, chains, tables, routes }: Leftovers): boolean =>
  [dirs, links, chains, tables, routes].every((found) => found.length === 0)
