import type { ClusterState } from './cluster-state.ts'
import { isBlank, isControlPlane, manifests, type NodeState } from './node-state.ts'

/**
 * How far a host is on the way to a control plane. `worker`: it is a member, and none. `stopped`: it was whole once, and
 * its kubelet does not run. `down`: its kubelet runs, and its API server does not answer. `partial`: an init that did not
 * come to its end.
 */
export type ControlPlaneStage = 'absent' | 'worker' | 'partial' | 'stopped' | 'down' | 'ready'

/** kubeadm's add-ons that a cluster is to have, by their configuration maps. */
export const addOns: readonly string[] = ['coredns', 'kube-proxy']

/** Judges it. One file alone says little: the kubelet's configuration is there before anything is known to work. */
export function controlPlaneStage(
  node: NodeState,
  cluster: ClusterState,
  expected: readonly string[] = addOns,
): ControlPlaneStage {
  if (isBlank(node)) return 'absent'
  if (!isControlPlane(node)) return node.files.includes('kubelet.conf') ? 'worker' : 'partial'
  if (node.member && !node.kubeletActive) return 'stopped'
  if (!cluster.answers) return node.member ? 'down' : 'partial'
  const whole =
    cluster.configuration !== undefined &&
    cluster.registered &&
    node.member &&
    expected.every((name) => cluster.configMaps.includes(name))
  return whole ? 'ready' : 'partial'
}

/**
 * kubeadm's checks that an init which is taken up again must not fail at: those that its own first try made fail, and no
 * other. Names as of cmd/kubeadm/app/preflight.
 */
export function ownLeftovers({ files, kubeletActive }: NodeState): readonly string[] {
  const left = manifests.filter((file) => files.includes(file))
  return [
    ...left.map((file) => `FileAvailable--etc-kubernetes-${file.replace('/', '-')}`),
    ...(files.includes('etcd') ? ['DirAvailable--var-lib-etcd'] : []),
    ...(kubeletActive ? ['Port-10250'] : []),
    ...(left.length > 0 ? ['Port-6443', 'Port-10257', 'Port-10259', 'Port-2379', 'Port-2380'] : []),
  ]
}
