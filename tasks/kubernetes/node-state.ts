import type { Probe } from '../../runner/model/probe.ts'
import { authorityHash, caCertHash } from './ca.ts'

/** What Kubernetes has left on a host: nothing of it is judged here. */
export interface NodeState {
  /** Files by their paths below /etc/kubernetes, and `kubelet` and `etcd` for what lies in /var/lib. */
  readonly files: readonly string[]
  /** The pin of the cluster's certificate authority, where the host knows one. */
  readonly ca: string | undefined
  /** The API server that its kubelet talks to: `https://10.0.0.10:6443`. */
  readonly server: string | undefined
  /** Whether its kubelet has the certificate that it gets once it is a member. */
  readonly member: boolean
  readonly kubeletActive: boolean
  /** What tells this machine from all others: the firmware's product_uuid, or the machine id where it has none. */
  readonly machine: string
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

/** Asks what Kubernetes has left on a host. Needs root. */
export const nodeProbe: Probe<NodeState> = {
  fact: nodeFact,
  script: `{
cd /etc/kubernetes&&for f in ${watched.join(' ')};do [ -e "$f" ]&&echo "has $f";done
[ -e /var/lib/kubelet/config.yaml ]&&echo 'has kubelet'
[ -d /var/lib/etcd/member ]&&echo 'has etcd'
k=/etc/kubernetes/kubelet.conf
[ -e $k ]||k=/etc/kubernetes/admin.conf
sed -n 's/^ *certificate-authority-data: /authority /p;s/^ *server: /server /p' "$k"
sed -n 's/^ *client-certificate: /certificate /p' /etc/kubernetes/kubelet.conf
systemctl is-active -q kubelet&&echo active
echo "machine $(cat /sys/class/dmi/id/product_uuid||cat /etc/machine-id)"
if [ -e /etc/kubernetes/pki/ca.crt ];then echo ca;cat /etc/kubernetes/pki/ca.crt;fi
} 2>/dev/null`,
  parse: parseNode,
}

/** Reads what {@link nodeProbe} printed. */
export function parseNode(raw: string): NodeState {
  const all = (key: string) => [...raw.matchAll(new RegExp(`^${key} (.+)$`, 'gm'))].map((match) => match[1] ?? '')
  const pem = /^ca\n([^]+)$/m.exec(raw)?.[1]
  const [authority] = all('authority')
  const files = all('has')
  return {
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
    machine: (all('machine')[0] ?? '').toLowerCase(),
  }
}

/** Whether nothing of a cluster is on a host. A certificate authority put there beforehand is no cluster yet. */
export const isBlank = ({ files }: NodeState): boolean => files.every((file) => file.startsWith('pki/'))

/** Whether a host holds a control plane, whole or in part. */
export const isControlPlane = ({ files }: NodeState): boolean =>
  files.includes('etcd') || files.includes('admin.conf') || manifests.some((file) => files.includes(file))
