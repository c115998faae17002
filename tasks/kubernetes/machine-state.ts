import { TsplayError } from '../../runner/model/errors.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { sections } from './kubectl.ts'
import { sayHostname } from './node-state.ts'

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

/** Asks for it: six processes on the host. */
export const machineProbe = typed('kubernetes-machine', (): Probe<MachineState> => ({
  fact: 'kubernetes:machine',
  script: `{
${sayHostname}
if [ -r /etc/os-release ];then . /etc/os-release;echo "systems $ID $ID_LIKE";fi
a=$(dpkg --print-architecture)||a=$(uname -m)
echo "architecture $a"
echo "cpus $(nproc)"
if read -r _ m _ </proc/meminfo;then echo "memory $m";fi
if [ -e /sys/fs/cgroup/cgroup.controllers ];then echo 'cgroup 2';fi
for f in /etc/cni/net.d/*;do case $f in *.conf|*.conflist|*.json)echo "podnetwork \${f##*/}";;esac;done
echo '== route';ip route get 192.0.2.1
echo '== addresses';ip -o addr show
echo '== routes';ip -4 route show
echo '== routes6';ip -6 route show
echo end
} 2>/dev/null`,
  parse: parseMachine,
}))

/** Reads what {@link machineProbe} printed. */
export function parseMachine(raw: string): MachineState {
  const all = (key: string) => [...raw.matchAll(new RegExp(`^${key} (.+)$`, 'gm'))].map((match) => match[1] ?? '')
  const [hostname = ''] = all('hostname')
  if (!raw.endsWith('end\n') || hostname === '') {
    throw new TsplayError('COMMAND', `the host did not say what it is: ${JSON.stringify(raw.slice(0, 200))}`)
  }
  const section = sections(raw)
  const text = (name: string) => section.get(name) ?? ''
  const networks = [
    ...[...text('addresses').matchAll(/^\d+: *(\S+) +inet6? +(\S+)/gm)].map(([, link, range = '']) => ({
      link,
      range,
    })),
    ...[...`${text('routes')}\n${text('routes6')}`.matchAll(/^([0-9a-f]*[.:]\S*) .*dev (\S+)/gm)].map(
      ([, range = '', link]) => ({ link, range }),
    ),
  ].flatMap(({ link, range }) => {
    // Every host has loopback and link-local networks: they are in nobody's way.
    if (link === 'lo' || /^(?:fe80|ff)/.test(range)) return []
    return [range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`]
  })
  return {
    hostname: hostname.toLowerCase(),
    systems: (all('systems')[0] ?? '').split(' ').filter(Boolean),
    architecture: all('architecture')[0] ?? '',
    cpus: Number(all('cpus')[0] ?? 1),
    memoryMb: Math.round(Number(all('memory')[0] ?? 0) / 1024),
    cgroup: all('cgroup')[0] === '2' ? 2 : 1,
    defaultRoutes: text('routes').match(/^default /gm)?.length ?? 0,
    address: / src (\S+)/.exec(text('route'))?.[1],
    networks: [...new Set(networks)],
    podNetworks: all('podnetwork'),
  }
}
