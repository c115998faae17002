import { task } from '../../runner/model/task.ts'
import { observed } from '../system/observed.ts'
import { type MachineState, machineProbe } from './machine-state.ts'
import { type NodeState, nodeProbe } from './node-state.ts'

/** What a host is, and what of a cluster is on it. */
export type NodeReport = MachineState & NodeState

/**
 * Looks at a host before anything is changed anywhere; what all hosts say together goes to `refuseUnfit`.
 * @example
 * const { cpus, memoryMb, ca } = await inspectNode(host)
 * host.log(`${cpus} CPUs, ${memoryMb} MiB, ${ca === undefined ? 'in no cluster' : `in ${ca}`}`)
 */
export const inspectNode = task('inspect-node', async (host): Promise<NodeReport> => {
  const [machine, node] = await host.ensure([observed(machineProbe), observed(nodeProbe)])
  return { ...machine.value, ...node.value }
})
