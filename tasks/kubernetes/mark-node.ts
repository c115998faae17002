import { task } from '../../runner/model/task.ts'
import { observed } from '../system/observed.ts'
import type { Cluster } from './kubeadm-init.ts'
import { machineProbe } from './machine-state.ts'
import { nodeMarks, type NodeMarksOptions } from './node-marks.ts'

export interface MarkNodeOptions extends Omit<NodeMarksOptions, 'node'> {
  /** The node's name. @default the host's, in lower case */
  readonly node?: string | undefined
}

/**
 * A node's labels and taints, which are set on the cluster's control plane. Nothing is asked where neither is given.
 * @example
 * const site = playbook('site')
 * const init = site.play('Init', { hosts: 'control_plane[0]', become: true }, (host) =>
 *   kubeadmInit(host, { kubernetesVersion: '1.31.4', podSubnet: '10.244.0.0/16' }),
 * )
 * site.play('Mark', { hosts: 'workers', become: true, needs: { init } }, async (host, given) => {
 *   await markNode(host, given.init, { labels: { 'node-role.kubernetes.io/worker': '' } })
 * })
 */
export const markNode = task('mark-node', async (host, cluster: Cluster, options: MarkNodeOptions) => {
  const { labels, taints } = options
  if (taints === undefined && Object.keys(labels ?? {}).length === 0) return
  const node = options.node ?? (await host.ensure(observed(machineProbe()))).value.hostname
  await host.on(cluster.controlPlane).ensure(nodeMarks({ node, labels, taints }))
})
