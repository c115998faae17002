import { TsplayError } from '../../runner/model/errors.ts'
import type { Probe } from '../../runner/model/probe.ts'

/** What a host has of its own that a cluster depends on. */
export interface MachineState {
  /** `uname -n`, in lower case: what its node is called. */
  readonly hostname: string
  /** What its system is, and what it is like (os-release(5)): `['ubuntu', 'debian']`. */
  readonly systems: readonly string[]
  /** What its packages are for, in Debian's words: `amd64`. */
  readonly architecture: string
  readonly cpus: number
  readonly memoryMb: number
  /** Version of the control groups: kubelets refuse 1 from Kubernetes 1.35 on, unless told otherwise. */
  readonly cgroup: 1 | 2
  /** How many default routes it has. */
  readonly defaultRoutes: number
  /** The address that its default route sends from; `undefined` without one. */
  readonly address: string | undefined
  /** Networks that it is in or has routes to, beside the default route and loopback: `10.0.0.0/24`. */
  readonly networks: readonly string[]
  /** Files in /etc/cni/net.d, by name: the first one is the network of the Pods. */
  readonly podNetworks: readonly string[]
}

/** Asks for it: about fifteen processes on the host. */
export const machineProbe: Probe<MachineState> = {
  fact: 'kubernetes:machine',
  script: `{
echo "hostname $(uname -n)"
(. /etc/os-release&&echo "systems $ID $ID_LIKE")
echo "architecture $(dpkg --print-architecture||uname -m)"
echo "cpus $(nproc)"
sed -n 's/^MemTotal: */memory /p' /proc/meminfo
echo "cgroup $(stat -fc %T /sys/fs/cgroup)"
ip -4 route show default|sed 's/^/default /'
ip route get 192.0.2.1|sed -n 's/.* src \\([^ ]*\\).*/source \\1/p'
ip -o addr show|sed -n 's/^[0-9]*: *\\([^ ]*\\) *inet6* \\([^ ]*\\).*/network \\1 \\2/p'
ls /etc/cni/net.d|sed -n 's/.*\\.\\(conf\\|conflist\\|json\\)$/podnetwork &/p'
{ ip -4 route show;ip -6 route show; }|sed -n 's/^\\([0-9a-f]*[.:][^ ]*\\) .*dev \\([^ ]*\\).*/network \\2 \\1/p'
echo end
} 2>/dev/null`,
  parse: parseMachine,
}

/** Reads what {@link machineProbe} printed. */
export function parseMachine(raw: string): MachineState {
  const all = (key: string) => [...raw.matchAll(new RegExp(`^${key} (.+)$`, 'gm'))].map((match) => match[1] ?? '')
  const [hostname = ''] = all('hostname')
  if (!raw.endsWith('end\n') || hostname === '') {
    throw new TsplayError('COMMAND', `the host did not say what it is: ${JSON.stringify(raw.slice(0, 200))}`)
  }
  const networks = all('network').flatMap((line) => {
    const [link = '', range = ''] = line.split(' ')
    // Every host has loopback and link-local networks: they are in nobody's way.
    if (link === 'lo' || /^(?:fe80|ff)/.test(range)) return []
    return [range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`]
  })
  return {
    hostname: hostname.toLowerCase(),
    systems: (all('systems')[0] ?? '').split(' ').filter(Boolean),
    architecture: all('architecture')[0] ?? '',
    cpus: Number(all('cpus')[0] ?? 1),
    memoryMb: Math.round(Number.parseInt(all('memory')[0] ?? '0', 10) / 1024),
    cgroup: all('cgroup')[0] === 'cgroup2fs' ? 2 : 1,
    defaultRoutes: all('default').length,
    address: all('source')[0],
    networks: [...new Set(networks)],
    podNetworks: all('podnetwork'),
  }
}
