import type { NodeReport } from './inspect-node.ts'
import { isBlank } from './node-state.ts'
import { groupedBy, machineProblems } from './preflight-machines.ts'
import { rangeProblems } from './preflight-ranges.ts'

export interface PreflightOptions {
  /** The range of Pods: `10.244.0.0/16`. */
  readonly podSubnet: string
  /** The range of services: `10.96.0.0/12`. */
  readonly serviceSubnet: string
  /** Hosts that are to be control planes, the first of which makes the cluster. */
  readonly controlPlanes: readonly string[]
  /** All hosts of the cluster. */
  readonly hosts: readonly string[]
  /** The pin of the cluster's certificate authority, where it is kept: `sha256:…`. */
  readonly clusterCa?: string | undefined
  /** Whether an address is given for the API server. @default false */
  readonly hasAdvertiseAddress?: boolean | undefined
  /** The `host[:port]` that all nodes are to reach the control plane by, where it is not the control plane's own address. */
  readonly controlPlaneEndpoint?: string | undefined
  /** kubeadm's names of checks that are not to count: `NumCPU`, `Mem`. */
  readonly ignored?: readonly string[] | undefined
}

/** Reports by host; hosts that could not be reached have none. */
export type Reports = ReadonlyMap<string, NodeReport>

/** Everything that speaks against making or joining the cluster, one sentence each. Pure. */
export function preflightProblems(reports: Reports, options: PreflightOptions): readonly string[] {
  return [
    ...unreached(reports, options),
    ...identityProblems(reports, options),
    ...rangeProblems(reports, options),
    ...machineProblems(reports, options),
  ]
}

function unreached(reports: Reports, { controlPlanes }: PreflightOptions): string[] {
  const missing = controlPlanes.filter((name) => !reports.has(name))
  if (missing.length === 0) return []
  return [
    `${missing.join(', ')} could not be looked at, and nobody else can tell whether the cluster is there: nothing is changed until it answers`,
  ]
}

/** Which cluster the hosts hold. One machine that is blank, or of another cluster, does not make a new one of them. */
function identityProblems(reports: Reports, { controlPlanes, clusterCa }: PreflightOptions): string[] {
  const members = [...reports].filter(([, report]) => !isBlank(report) && report.ca !== undefined)
  const clusters = groupedBy(members, ([, { ca }]) => ca ?? '')
  const names = (list: typeof members) => list.map(([name]) => name).join(', ')
  const foreign = members.filter(([, { ca }]) => clusterCa !== undefined && ca !== clusterCa)
  if (foreign.length > 0) {
    return foreign.map(
      ([name, { ca }]) => `${name} is a member of the cluster ${ca}, not of ${clusterCa}; reset it first`,
    )
  }
  if (clusters.size > 1) {
    const each = [...clusters].map(([ca, list]) => `${names(list)} of ${ca}`)
    return [`the hosts are members of ${clusters.size} clusters: ${each.join('; ')}; reset those that are to change`]
  }
  const founder = controlPlanes[0]
  const report = founder === undefined ? undefined : reports.get(founder)
  if (report === undefined || !isBlank(report)) return []
  const [ca] = clusters.keys()
  if (ca !== undefined) {
    return [
      `${founder} is blank, while ${names(members)} still holds the cluster ${ca}: a new cluster would cut it off. Is the machine the right one? Restore it, or reset the others first`,
    ]
  }
  // A certificate authority that was put there beforehand makes the cluster that is kept.
  if (clusterCa === undefined || report.ca === clusterCa) return []
  return [
    `${founder} is blank, and clusterCa keeps the cluster ${clusterCa}, which a new one is not. Is the machine the right one? Take clusterCa out of the inventory to make a new cluster`,
  ]
}
