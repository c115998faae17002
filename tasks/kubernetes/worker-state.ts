import type { Probe } from '../../runner/model/probe.ts'
import { apiProbe, nodePath } from './api-script.ts'
import { apiAnswers, at, isNotFound, json, kubeletConf } from './kubectl.ts'
import { isBlank, isControlPlane, type NodeState } from './node-state.ts'

/** What the cluster says of a host's own node, asked as its kubelet: one request. */
export interface Registration {
  /** `unasked`: the host has no access to any cluster. */
  readonly node: 'unasked' | 'registered' | 'unknown to the cluster' | 'no answer'
  /** The API server's words where it gave no answer. */
  readonly error: string | undefined
}

/** Asks for it. A kubelet may read its own node, so that no control plane and no administrator's access is needed. */
export const registrationProbe = (node?: string): Probe<Registration> => ({
  fact: 'kubernetes:registration',
  ...apiProbe(kubeletConf, { node: nodePath(node) }),
  parse(raw) {
    const text = apiAnswers(raw).get('node') ?? ''
    if (text === '') return { node: 'unasked', error: undefined }
    if (at(json(text), 'metadata', 'uid') !== undefined) return { node: 'registered', error: undefined }
    return isNotFound(text)
      ? { node: 'unknown to the cluster', error: undefined }
      : { node: 'no answer', error: text.slice(0, 500) }
  },
})

/**
 * How far a host is on the way to a worker of a cluster. `foreign`: of another cluster. `control plane`: more than asked.
 * `partial`: a join that did not come to its end. `unregistered`: a member that the cluster does not list. `stopped`: a
 * member whose kubelet does not run.
 */
export type WorkerStage =
  | 'absent'
  | 'foreign'
  | 'control plane'
  | 'partial'
  | 'unregistered'
  | 'stopped'
  | 'no answer'
  | 'ready'

/** Judges it, for the cluster with this certificate authority. */
export function workerStage(node: NodeState, registration: Registration, caCertHash: string): WorkerStage {
  const stage = ownStage(node, caCertHash)
  if (stage !== 'member') return stage
  if (registration.node === 'registered') return 'ready'
  return registration.node === 'unknown to the cluster' ? 'unregistered' : 'no answer'
}

/** How far it is by what it has itself; whether the cluster lists it matters for a `member` alone. */
export function ownStage(
  node: NodeState,
  caCertHash: string,
): Exclude<WorkerStage, 'unregistered' | 'no answer' | 'ready'> | 'member' {
  if (isBlank(node) && !node.files.includes('pki/ca.crt')) return 'absent'
  if (node.ca !== undefined && node.ca !== caCertHash) return 'foreign'
  if (isControlPlane(node)) return 'control plane'
  if (!node.member) return 'partial'
  return node.kubeletActive ? 'member' : 'stopped'
}

/** kubeadm's checks that a join which is taken up again must not fail at: those that its first try made fail. */
export const joinLeftovers = ({ files, kubeletActive }: NodeState): readonly string[] => [
  ...['kubelet.conf', 'bootstrap-kubelet.conf', 'pki/ca.crt']
    .filter((file) => files.includes(file))
    .map((file) => `FileAvailable--etc-kubernetes-${file.replace('/', '-')}`),
  ...(kubeletActive ? ['Port-10250'] : []),
]
