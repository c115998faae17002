import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'
import { secret } from '../../runner/model/secret.ts'
import { task } from '../../runner/model/task.ts'
import { unknownReason } from '../../runner/model/unknown.ts'
import { observed } from '../system/observed.ts'
import { newBootstrapToken } from './bootstrap-secrets.ts'
import type { JoinConfiguration } from './config/documents.ts'
import { renderDocuments } from './config/render.ts'
import { joinToken } from './join-token.ts'
import { adminConf } from './kubectl.ts'
import type { Cluster } from './kubeadm-init.ts'
import { nodeProbe, type NodeState } from './node-state.ts'
import { configApi, containerdSocket, kubernetesVersion } from './version.ts'
import { usableStage, worker } from './worker.ts'
import { ownStage, type Registration, registrationProbe, workerStage } from './worker-state.ts'

export interface KubeadmJoinOptions {
  /** More of kubeadm's JoinConfiguration. */
  readonly join?: Omit<JoinConfiguration, 'discovery'> | undefined
  /** Checks of kubeadm that are not to count, by kubeadm's names. */
  readonly ignorePreflightErrors?: readonly string[] | undefined
  /** Limit for all of it, in milliseconds. @default 10 minutes */
  readonly timeoutMs?: number | undefined
}

const tokenLifeMs = 15 * 60_000

/**
 * A worker of the cluster that `kubeadmInit` gave. A member is left alone, which costs no request where the control plane
 * has just listed it; a join that was cut is taken up; a member of another cluster is refused. The token is made for this
 * node, when it is needed, and taken away afterwards.
 * @example
 * const site = playbook('site')
 * const init = site.play('Init', { hosts: 'control_plane[0]', become: true }, (host) =>
 *   kubeadmInit(host, { kubernetesVersion: '1.31.4', podSubnet: '10.244.0.0/16' }),
 * )
 * site.play('Join', { hosts: 'workers', become: true, needs: { init } }, async (host, given) => {
 *   await kubeadmJoin(host, given.init)
 * })
 */
export const kubeadmJoin = task('kubeadm-join', async (host, cluster: Cluster, options: KubeadmJoinOptions = {}) => {
  const { join = {}, ignorePreflightErrors = [], timeoutMs = 600_000 } = options
  const nodeName = join.nodeRegistration?.name
  const { value: node } = await host.ensure(observed(nodeProbe()))
  const registration = await registrationOf(host, cluster, node, nodeName)
  const stage = workerStage(node, registration, cluster.caCertHash)
  if (usableStage(stage, node, registration, cluster.caCertHash) === 'ready') return
  const token = newBootstrapToken()
  let ended = false
  if (stage === 'absent' || stage === 'partial') {
    const on = host.on(cluster.controlPlane)
    const expiration = new Date(Date.now() + tokenLifeMs).toISOString().replace(/\.\d+Z$/, 'Z')
    await on.ensure(joinToken({ token, node: host.name, expiration }))
    if (!host.check) {
      const path = `/api/v1/namespaces/kube-system/secrets/bootstrap-token-${token.id}`
      host.cleanup(async () => {
        // A join whose link was lost goes on by itself, and needs its token.
        if (!ended) return
        await on.command({
          everyTime: true,
          okCodes: [0, 1],
          changed: () => false,
        })`kubectl --kubeconfig ${adminConf} delete --raw ${path}`
      })
    }
  }
  const version = kubernetesVersion(cluster.kubernetesVersion)
  const text = renderDocuments(
    configApi(version),
    {
      JoinConfiguration: {
        ...join,
        nodeRegistration: { criSocket: containerdSocket(version), ...join.nodeRegistration },
        discovery: {
          bootstrapToken: {
            token: '<token>',
            apiServerEndpoint: cluster.endpoint,
            caCertHashes: [unknownReason(cluster.caCertHash) === undefined ? cluster.caCertHash : 'not known yet'],
          },
        },
      },
    },
    'json',
  )
  const [head = '', tail = ''] = text.split('<token>')
  try {
    await host.ensure(
      worker({
        endpoint: cluster.endpoint,
        caCertHash: cluster.caCertHash,
        nodeName,
        document: secret`${head}${token.whole}${tail}`,
        ignorePreflightErrors,
        timeoutMs,
      }),
    )
    ended = true
  } catch (error) {
    ended = error instanceof TsplayError && error.code === 'COMMAND'
    throw error
  }
})

/** Whether the cluster lists a node, which counts for a member: asked of each host whose node was not in the list at init. */
async function registrationOf(
  host: Host,
  { caCertHash, nodes }: Cluster,
  node: NodeState,
  nodeName = node.hostname,
): Promise<Registration> {
  if (ownStage(node, caCertHash) !== 'member') return { node: 'unasked', error: undefined }
  if (nodes?.includes(nodeName)) return { node: 'registered', error: undefined }
  return (await host.ensure(observed(registrationProbe(nodeName)))).value
}
