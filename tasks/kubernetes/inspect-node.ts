import { task } from '../../runner/model/task.ts'
import { observed } from '../system/observed.ts'
import { resolvesProbe } from './endpoint-name.ts'
import { type MachineState, machineProbe } from './machine-state.ts'
import { type NodeState, nodeProbe } from './node-state.ts'

export interface InspectNodeOptions {
  /** The `host[:port]` that all nodes are to reach the control plane by: whether this host finds its address is asked too. */
  readonly controlPlaneEndpoint?: string | undefined
}

/** What a host is, and what of a cluster is on it. */
export type NodeReport = MachineState &
  NodeState & {
    /** Whether it finds the address of the endpoint that was asked about; `undefined` where none was. */
    readonly findsEndpoint: boolean | undefined
  }

/**
 * Looks at a host before anything is changed anywhere; what all hosts say together goes to `refuseUnfit`.
 * @example
 * const { cpus, memoryMb, ca } = await inspectNode(host)
 * host.log(`${cpus} CPUs, ${memoryMb} MiB, ${ca === undefined ? 'in no cluster' : `in ${ca}`}`)
 */
export const inspectNode = task('inspect-node', async (host, options: InspectNodeOptions = {}): Promise<NodeReport> => {
  const { controlPlaneEndpoint: endpoint } = options
  const asked = [observed(machineProbe()), observed(nodeProbe())] as const
  if (endpoint === undefined) {
    const [machine, node] = await host.ensure(asked)
    return { ...machine.value, ...node.value, findsEndpoint: undefined }
  }
  const [machine, node, found] = await host.ensure([...asked, observed(resolvesProbe(endpoint))])
  return { ...machine.value, ...node.value, findsEndpoint: found.value }
})
