import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { authorityHash, caCertHash, endOf } from './ca.ts'

/** What Kubernetes has left on a host: nothing of it is judged here. */
export interface NodeState {
  /** `uname -n`, in lower case: what its node is called. */
  readonly hostname: string
  /** Files by their paths below /etc/kubernetes, and `kubelet` and `etcd` for what lies in /var/lib. */
  readonly files: readonly string[]
  /** The pin of the cluster's certificate authority, where the host knows one. */
  readonly ca: string | undefined
  /** The API server that its kubelet talks to: `https://10.0.0.10:6443`. */
  readonly server: string | undefined
  /** Whether its kubelet has the certificate that it gets once it is a member. */
  readonly member: boolean
  readonly kubeletActive: boolean
  /** What the manifests of the control plane say that is run. */
  readonly components: readonly StaticPod[]
  /** When the API server's certificate ends, RFC 3339; `undefined` where the host has none. */
  readonly certificateEnd: string | undefined
  /** What tells this machine from all others: the firmware's product_uuid, or the machine id where it has none. */
  readonly machine: string
}

/** A part of the control plane, as its manifest has it. */
export interface StaticPod {
  /** `kube-apiserver` */
  readonly name: string
  readonly image: string
  /** `--etcd-servers=https://127.0.0.1:2379` */
  readonly flags: readonly string[]
}

/** The fact's id. */
export const nodeFact = 'kubernetes:node'

const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']

/** Manifests of the control plane, below /etc/kubernetes. */
export const manifests: readonly string[] = components.map((name) => `manifests/${name}.yaml`)

const watched = [
  'admin.conf',
  'kubelet.conf',
  'bootstrap-kubelet.conf',
  'controller-manager.conf',
  'scheduler.conf',
  'pki/ca.crt',
  'pki/ca.key',
  'pki/apiserver.crt',
  ...manifests,
]

/** Files of which more is told than that they are there, below /etc/kubernetes. */
const told = [...manifests, 'pki/apiserver.crt', 'pki/ca.crt']

/** One process reads them all; certificates come last, each after its name. */
const reader = `{ f = FILENAME }
f ~ /\\.crt$/ { if (FNR == 1) print(f ~ /apiserver/ ? "apiserver" : "ca"); print; next }
f ~ /^manifests/ {
sub(/^manifests\\//, "", f); sub(/\\.yaml$/, "", f)
if (sub(/^ *image: */, "")) print "image " f " " $0
else if (sub(/^ *- --/, "")) print "flag " f " --" $0
next
}
sub(/^ *certificate-authority-data: /, "") { print "authority " $0; next }
sub(/^ *server: /, "") { print "server " $0; next }
f == "kubelet.conf" && sub(/^ *client-certificate: /, "") { print "certificate " $0 }`

/** Prints `hostname NAME`: no process, but where there is no such file. */
export const sayHostname = `read -r n </proc/sys/kernel/hostname||n=$(uname -n)
echo "hostname $n"`

/** Asks what Kubernetes has left on a host: two processes there. Needs root. */
export const nodeProbe = typed('kubernetes-node', (): Probe<NodeState> => ({
  fact: nodeFact,
  script: `{
if [ -e /var/lib/kubelet/config.yaml ];then echo 'has kubelet';fi
if [ -d /var/lib/etcd/member ];then echo 'has etcd';fi
if systemctl is-active -q kubelet;then echo active;fi
${sayHostname}
read -r m </sys/class/dmi/id/product_uuid||read -r m </etc/machine-id
echo "machine $m"
if cd /etc/kubernetes;then
for f in ${watched.join(' ')};do if [ -e "$f" ];then echo "has $f";fi;done
set --
for f in kubelet.conf admin.conf;do if [ -e $f ];then set -- $f;break;fi;done
for f in ${told.join(' ')};do if [ -e $f ];then set -- "$@" $f;fi;done
if [ $# -gt 0 ];then awk ${quote(reader)} "$@";fi
fi
} 2>/dev/null`,
  parse: parseNode,
}))

/** Reads what {@link nodeProbe} printed. */
export function parseNode(raw: string): NodeState {
  const all = (key: string) => [...raw.matchAll(new RegExp(`^${key} (.+)$`, 'gm'))].map((match) => match[1] ?? '')
  const pem = /^ca\n([^]+)$/m.exec(raw)?.[1]
  const served = /^apiserver\n([^]+?-----END[^\n]*\n)/m.exec(raw)?.[1]
  const flags = all('flag')
  const [authority] = all('authority')
  const files = all('has')
  return {
    hostname: (all('hostname')[0] ?? '').toLowerCase(),
    files,
    ca:
      pem !== undefined
        ? caCertHash('/etc/kubernetes/pki/ca.crt', pem)
        : authority === undefined
          ? undefined
          : authorityHash('/etc/kubernetes/kubelet.conf', authority),
    server: all('server')[0],
    member: files.includes('kubelet.conf') && all('certificate').some((path) => path.endsWith('-current.pem')),
    kubeletActive: /^active$/m.test(raw),
    components: all('image').map((line): StaticPod => {
      const [name = '', image = ''] = line.split(' ')
      const own = flags.filter((flag) => flag.startsWith(`${name} `)).map((flag) => flag.slice(name.length + 1))
      return { name, image, flags: own }
    }),
    certificateEnd: served === undefined ? undefined : endOf(served),
    machine: (all('machine')[0] ?? '').toLowerCase(),
  }
}

/** Whether nothing of a cluster is on a host. A certificate authority put there beforehand is no cluster yet. */
export const isBlank = ({ files }: NodeState): boolean => files.every((file) => file.startsWith('pki/'))

/** Whether a host holds a control plane, whole or in part. */
export const isControlPlane = ({ files }: NodeState): boolean =>
  files.includes('etcd') || files.includes('admin.conf') || manifests.some((file) => files.includes(file))
