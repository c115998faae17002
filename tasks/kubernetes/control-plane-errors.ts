import { TsplayError } from '../../runner/model/errors.ts'
import type { ClusterState } from './cluster-state.ts'
import { manifests, type NodeState } from './node-state.ts'

/** A control plane that was whole once, and whose API server does not answer. */
export function downError(node: NodeState, cluster: ClusterState): TsplayError {
  const missing = manifests.filter((file) => !node.files.includes(file)).map((file) => `/etc/kubernetes/${file}`)
  const expired = node.certificateEnd !== undefined && Date.parse(node.certificateEnd) < Date.now()
  const why = [
    ...(missing.length > 0 ? [`${missing.join(', ')} is not there`] : []),
    ...(expired ? [`its certificate ended on ${node.certificateEnd}`] : []),
  ]
  return new TsplayError(
    'COMMAND',
    [`the control plane of ${node.ca} is installed, and its API server does not answer`, ...why].join('; '),
    {
      hint: expired
        ? 'Renew them on this host: kubeadm certs renew all; then restart the containers of the control plane.'
        : `It said: ${cluster.error ?? 'nothing'}. Look at: crictl ps -a, journalctl -u kubelet`,
    },
  )
}

/** A living cluster that is not what is asked for. */
export function driftError(differences: readonly string[]): TsplayError {
  const edited = differences.some((text) => text.startsWith('/etc/kubernetes/manifests/'))
  return new TsplayError('OPTIONS', `the cluster lives, and is not what is asked for: ${differences.join('; ')}`, {
    hint: edited
      ? 'A manifest is written anew, from what the cluster keeps, by: kubectl -n kube-system get configmap kubeadm-config -o jsonpath={.data.ClusterConfiguration} >c.yaml; kubeadm init phase control-plane all --config c.yaml'
      : 'kubeadm init does not change a living cluster. Ask for what it has; a new version comes by an upgrade.',
  })
}
