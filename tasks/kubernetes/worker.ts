import type { Change } from '../../runner/model/change.ts'
import type { Secret } from '../../runner/model/secret.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { packageProbe, type PackageState } from '../../runner/model/facts-of/package.ts'
import { newUnit, unitFact } from '../../runner/model/facts-of/unit.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { apiLibrary, nodePath } from './api-script.ts'
import { kubeadmScript } from './kubeadm-script.ts'
import { kubeletConf } from './kubectl.ts'
import { nodeProbe, type NodeState } from './node-state.ts'
import { joinLeftovers, type Registration, registrationProbe, type WorkerStage, workerStage } from './worker-state.ts'

export interface WorkerOptions {
  readonly endpoint: string
  readonly caCertHash: string
  readonly nodeName: string | undefined
  readonly document: Secret<string>
  readonly ignorePreflightErrors: readonly string[]
  readonly timeoutMs: number
}

interface State {
  readonly node: NodeState
  readonly registration: Registration
  readonly kubeadm: PackageState
}

/** What a host is to the cluster; throws TsplayError where it can't become its worker. */
export function usableStage(
  stage: WorkerStage,
  node: NodeState,
  registration: Registration,
  wanted: string,
): WorkerStage {
  if (stage === 'foreign') {
    throw new TsplayError('OPTIONS', `this host is a member of the cluster ${node.ca}, not of ${wanted}`, {
      hint: 'reset it first if it is to change its cluster',
    })
  }
  if (stage === 'control plane') {
    throw new TsplayError('OPTIONS', 'this host is a control plane of the cluster, and is asked to be a worker', {
      hint: 'take it out of the workers, or reset it first',
    })
  }
  if (stage === 'no answer') {
    throw new TsplayError('COMMAND', `this host can not reach its cluster at ${node.server}: ${registration.error}`)
  }
  return stage
}

const definition = resource<WorkerOptions, State, { readonly stage: WorkerStage }>({
  kind: 'worker',
  id: ({ endpoint }) => endpoint,
  probes: ({ nodeName }) => ({
    node: nodeProbe(),
    registration: registrationProbe(nodeName),
    kubeadm: packageProbe('kubeadm'),
  }),
  diff(options, state): Change[] {
    const stage = stageOf(options, state)
    return stage === 'ready' ? [] : [{ field: 'state', before: stage, after: 'ready' }]
  },
  apply(options, _, state): Step[] {
    const stage = stageOf(options, state)
    if (stage === 'stopped' || stage === 'unregistered') return [{ script: rejoin(options), timeoutMs: 120_000 }]
    const ignored = [...options.ignorePreflightErrors, ...joinLeftovers(state.node)]
    const flags = ignored.length > 0 ? [`--ignore-preflight-errors=${ignored.join(',')}`] : []
    return [
      {
        script: `${kubeadmScript(['join', ...flags])}`,
        stdin: options.document,
        timeoutMs: options.timeoutMs,
        onDisconnect: 'finish',
        hint: 'Running again takes it up where it ended.',
      },
    ]
  },
  after: ({ endpoint, caCertHash }, { node, kubeadm }) => ({
    node: {
      ...node,
      files: [...node.files, 'kubelet.conf', 'pki/ca.crt', 'kubelet'],
      ca: caCertHash,
      server: `https://${endpoint}`,
      member: true,
      kubeletActive: true,
    },
    registration: { node: 'registered', error: undefined },
    kubeadm,
  }),
  effects: () => [
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
  out: (options, state) => ({ stage: stageOf(options, state) }),
})

const stageOf = ({ caCertHash }: WorkerOptions, { node, registration }: State): WorkerStage =>
  usableStage(workerStage(certain(node), certain(registration), caCertHash), node, registration, caCertHash)

/** A kubelet registers its node when it starts. */
const rejoin = ({ nodeName }: WorkerOptions) => `${apiLibrary}
systemctl restart kubelet||exit 1
api_open ${kubeletConf}
end=$(($(date +%s)+90))
while [ $(date +%s) -lt $end ];do
sleep 2
api_ask ${nodePath(nodeName)}
if [ "$fine" ];then exit 0;fi
done
echo 'the kubelet runs, and the cluster still does not list this node: journalctl -u kubelet' >&2
exit 1`

/** A worker of a cluster, made by `kubeadm join`. It goes on by itself when the link is lost. */
export const worker = (options: WorkerOptions): Resource<{ readonly stage: WorkerStage }> => definition(options)
