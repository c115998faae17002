import type { Change } from '../../runner/model/change.ts'
import type { Content } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathFact } from '../../runner/model/facts-of/path-state.ts'
import { newUnit, unitFact } from '../../runner/model/facts-of/unit.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { clusterProbe, type ClusterState, noCluster } from './cluster-state.ts'
import { downError, driftError } from './control-plane-errors.ts'
import { type ControlPlaneStage, controlPlaneStage, ownLeftovers } from './control-plane-stage.ts'
import { kubeadmScript } from './kubeadm-script.ts'
import { adminConf } from './kubectl.ts'
import { nodeProbe, type NodeState, type StaticPod } from './node-state.ts'
import { type KubernetesVersion, kubernetesVersion, skewProblem } from './version.ts'

export interface ControlPlaneOptions {
  readonly version: KubernetesVersion
  /** kubeadm's documents for its own form, without anything secret: for people. */
  readonly configuration: string
  /** The same with tokens and keys, by the version of kubeadm that is to read it. */
  readonly documents: (kubeadm: KubernetesVersion) => Content
  readonly nodeName: string | undefined
  /** `host:port`; left out, that of the host's default route. */
  readonly endpoint: string | undefined
  readonly addOns: readonly string[]
  readonly ignorePreflightErrors: readonly string[]
  readonly uploadCertificates: boolean
  /** What a living cluster has otherwise than asked, which an init does not change. */
  readonly drift: (cluster: ClusterState, components: readonly StaticPod[]) => readonly string[]
  readonly timeoutMs: number
}

export interface ControlPlaneOut {
  /** `host:port` of the API server. */
  readonly endpoint: string
  /** The pin of the cluster's certificate authority: `sha256:…`. */
  readonly caCertHash: string
  /** Names of the cluster's nodes, as it has just given them; `undefined` where it was not asked, or did not say. */
  readonly nodes: readonly string[] | undefined
}

interface State {
  readonly node: NodeState
  /** That its default route sends from; not asked where its kubelet says which API server it has. */
  readonly address: string | undefined
  readonly cluster: ClusterState
  readonly kubeadm: string | undefined
}

/** The fact's id of the version of the kubeadm that is installed: `v1.31.4`. */
export const kubeadmFact = 'kubernetes:kubeadm'

/** Whether a control plane has all that an init makes. */
const finished = `[ -e ${adminConf} ]&&[ -e /var/lib/kubelet/pki/kubelet-client-current.pem ]&&[ -d /var/lib/etcd/member ]`

/** Not asked where nothing is to be made: to start kubeadm takes as long as all else together. */
const kubeadmProbe: Probe<string | undefined> = {
  fact: kubeadmFact,
  contained: true,
  script: `if ${finished};then echo unasked
else kubeadm version -o short 2>/dev/null;fi`,
  parse: (raw) => /^(?:v\d\S+|unasked)/.exec(raw)?.[0],
  absent: (answer) => answer === undefined,
}

const addressProbe: Probe<string | undefined> = {
  fact: 'kubernetes:address',
  contained: true,
  script: `${finished}||ip route get 192.0.2.1 2>/dev/null`,
  parse: (raw) => / src (\S+)/.exec(raw)?.[1],
}

const definition = resource<ControlPlaneOptions, State, ControlPlaneOut>({
  kind: 'control-plane',
  id: ({ version }) => version.text,
  probes: ({ nodeName }) => ({
    node: nodeProbe(),
    address: addressProbe,
    cluster: clusterProbe(nodeName),
    kubeadm: kubeadmProbe,
  }),
  diff(options, state): Change[] {
    const stage = stageOf(options, state)
    if (stage === 'ready') {
      const drift = options.drift(state.cluster, state.node.components)
      if (drift.length > 0) throw driftError(drift)
      return []
    }
    if (stage === 'worker') {
      throw new TsplayError(
        'OPTIONS',
        `this host is a worker of the cluster ${certain(state.node.ca) ?? 'of another'}`,
        {
          hint: 'reset it first if it is to become a control plane',
        },
      )
    }
    if (stage === 'down') throw downError(state.node, state.cluster)
    endpointOf(options, state)
    if (stage === 'stopped') return [{ field: 'kubelet', before: 'stopped', after: 'running' }]
    if (unknownReason(state.kubeadm) === undefined) refuseSkew(options, state.kubeadm)
    return [
      { field: 'state', before: stage, after: 'ready' },
      { field: 'configuration', before: undefined, after: options.configuration, text: true },
    ]
  },
  apply(options, _, state) {
    const { node, kubeadm } = state
    // What it runs beside the kubelet is asked for afterwards, and waited for.
    if (stageOf(options, state) === 'stopped') return [{ script: 'systemctl restart kubelet', timeoutMs: 120_000 }]
    const ignored = [...options.ignorePreflightErrors, ...ownLeftovers(node)]
    const args = [
      'init',
      '--skip-token-print',
      ...(options.uploadCertificates ? ['--upload-certs'] : []),
      ...(ignored.length > 0 ? [`--ignore-preflight-errors=${ignored.join(',')}`] : []),
    ]
    return [
      {
        script: kubeadmScript(args),
        stdin: options.documents(installed(options, kubeadm)),
        timeoutMs: options.timeoutMs,
        onDisconnect: 'finish',
        hint: 'Running again takes it up where it ended. What kubeadm says of its checks it names so that they can be ignored.',
      },
    ]
  },
  after(options, state) {
    const { node, address } = state
    const reason = 'kubeadm makes it'
    return {
      node: {
        ...node,
        files: [...node.files, 'admin.conf', 'kubelet.conf', 'kubelet', 'etcd'],
        ca: node.ca ?? unknown<string>(reason),
        server: `https://${endpointOf(options, state)}`,
        member: true,
        kubeletActive: true,
        components: unknown<readonly StaticPod[]>(reason),
        certificateEnd: unknown<string>(reason),
      },
      address,
      cluster: unknown<ClusterState>(reason),
      kubeadm: options.version.text,
    }
  },
  effects: () => [
    {
      fact: pathFact('/etc/kubernetes/admin.conf'),
      value: {
        kind: 'file',
        mode: '0600',
        owner: 'root',
        group: 'root',
        uid: 0,
        gid: 0,
        size: unknown<number>('kubeadm makes it'),
        sha256: unknown<string>('kubeadm makes it'),
        content: unknown<string>('kubeadm makes it'),
      },
    },
    {
      fact: unitFact('kubelet'),
      value: newUnit({
        active: 'active',
        sub: 'running',
        running: 'running',
        enabled: 'enabled',
        invocationId: unknown('kubeadm starts it'),
      }),
    },
  ],
  out: (options, state) => ({
    endpoint: endpointOf(options, state),
    caCertHash: state.node.ca ?? unknown<string>('kubeadm makes it'),
    nodes: unknownReason(state.cluster) === undefined ? state.cluster.nodes : undefined,
  }),
})

const stageOf = ({ addOns }: ControlPlaneOptions, { node, cluster }: State): ControlPlaneStage =>
  controlPlaneStage(certain(node), unknownReason(cluster) === undefined ? cluster : noCluster, addOns)

/** The one that its kubelet has, or is to have. */
function endpointOf({ endpoint }: ControlPlaneOptions, { node, address }: State): string {
  const has = node.server?.replace('https://', '') ?? endpoint
  if (has !== undefined) return has
  if (address !== undefined) return `${address.includes(':') ? `[${address}]` : address}:6443`
  throw new TsplayError('OPTIONS', 'this host has no default route: say advertiseAddress')
}

function installed({ version }: ControlPlaneOptions, kubeadm: string | undefined): KubernetesVersion {
  if (kubeadm === 'unasked') return version
  if (kubeadm !== undefined) return kubernetesVersion(kubeadm)
  throw new TsplayError('COMMAND', 'kubeadm is not installed on this host', { hint: 'installKubernetes comes first' })
}

function refuseSkew(options: ControlPlaneOptions, kubeadm: string | undefined): void {
  const problem = skewProblem(installed(options, kubeadm), options.version)
  if (problem !== undefined) throw new TsplayError('OPTIONS', problem)
}

/** The first control plane of a cluster, made by `kubeadm init`. It goes on by itself when the link is lost. */
export const controlPlane = (options: ControlPlaneOptions): Resource<ControlPlaneOut> => definition(options)
