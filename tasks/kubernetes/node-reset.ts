import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { newUnit, unitFact } from '../../runner/model/facts-of/unit.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { isClean, type Leftovers, leftoversProbe } from './leftovers.ts'
import { isBlank, nodeProbe, type NodeState } from './node-state.ts'
import { resetScript } from './reset-script.ts'

export interface NodeResetOptions {
  /** The pin of the cluster that the node is of, or the machine's product_uuid where it is of none yet. */
  readonly confirm: string | undefined
  /** Where Pods' addresses are, so that routes to them go too. */
  readonly podSubnet: string | undefined
  readonly criSocket: string
  readonly timeoutMs: number
}

interface State {
  readonly node: NodeState
  readonly leftovers: Leftovers
}

/** Throws TsplayError OPTIONS where what is confirmed is not what would be wiped. */
export function refuseUnconfirmed(node: NodeState, confirm: string | undefined): void {
  const wanted = confirm?.trim().toLowerCase()
  if (wanted !== undefined && (wanted === node.ca || (node.ca === undefined && wanted === node.machine))) return
  const [what, value] = node.ca === undefined ? ['the machine', node.machine] : ['a node of the cluster', node.ca]
  throw new TsplayError(
    'OPTIONS',
    `this host is ${what} ${value}, and the reset is ${wanted === undefined ? 'not confirmed' : `for ${wanted}`}`,
    {
      hint: `If it is to be wiped, name it: -e confirm=${value}`,
    },
  )
}

const definition = resource<NodeResetOptions, State, object>({
  kind: 'node-reset',
  id: () => 'kubernetes',
  probes: ({ podSubnet }) => ({ node: nodeProbe(), leftovers: leftoversProbe(podSubnet) }),
  diff(options, { node, leftovers }): Change[] {
    const blank = isBlank(certain(node)) && !node.files.some((file) => file.startsWith('pki/'))
    if (blank && isClean(certain(leftovers)) && !node.kubeletActive) return []
    if (!blank) refuseUnconfirmed(node, options.confirm)
    const gone = (field: string, found: readonly string[]): Change[] =>
      found.length === 0 ? [] : [{ field, before: found, after: [] }]
    return [
      ...(blank ? [] : [{ field: 'node', before: node.ca ?? node.machine, after: undefined }]),
      ...gone('directories', leftovers.directories),
      ...gone('firewall chains', leftovers.chains),
      ...gone('firewall tables', leftovers.tables),
      // One field: which of them a node has changes with the Pods that move while other nodes are drained.
      ...gone('Pod network', [...leftovers.links, ...leftovers.routes.map((range) => `route ${range}`)]),
      ...(node.kubeletActive ? [{ field: 'kubelet', before: 'running', after: 'stopped' }] : []),
    ]
  },
  apply: ({ criSocket, timeoutMs }, changes, { leftovers }) => [
    {
      script: resetScript({ criSocket, leftovers, kubeadm: changes.some(({ field }) => field === 'node') }),
      timeoutMs,
      onDisconnect: 'finish',
      hint: 'Running again goes on where it ended.',
    },
  ],
  after: (_, { node }) => ({
    node: { ...node, files: [], ca: undefined, server: undefined, member: false, kubeletActive: false },
    leftovers: { directories: [], links: [], chains: [], tables: [], routes: [] },
  }),
  effects: () => [{ fact: unitFact('kubelet'), value: newUnit({ enabled: 'enabled' }) }],
  out: () => ({}),
})

/** No node of a cluster, and nothing that one leaves. What of the firewall and the network is not Kubernetes' stays. */
export const nodeReset = (options: NodeResetOptions): Resource => definition(options)
