import { cidrs, freeRange, overlaps } from './cidr.ts'
import type { NodeReport } from './inspect-node.ts'
import { isBlank } from './node-state.ts'

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
    ...twins(reports),
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
  if (clusterCa !== undefined) {
    return members
      .filter(([, { ca }]) => ca !== clusterCa)
      .map(([name, { ca }]) => `${name} is a member of the cluster ${ca}, not of ${clusterCa}; reset it first`)
  }
  if (clusters.size > 1) {
    const each = [...clusters].map(([ca, list]) => `${names(list)} of ${ca}`)
    return [`the hosts are members of ${clusters.size} clusters: ${each.join('; ')}; reset those that are to change`]
  }
  const founder = controlPlanes[0]
  const report = founder === undefined ? undefined : reports.get(founder)
  if (report === undefined || !isBlank(report) || members.length === 0) return []
  const [ca] = clusters.keys()
  return [
    `${founder} is blank, while ${names(members)} still holds the cluster ${ca}: a new cluster would cut it off. Is the machine the right one? Restore it, or reset the others first`,
  ]
}

function rangeProblems(reports: Reports, { podSubnet, serviceSubnet, hosts }: PreflightOptions): string[] {
  const pods = cidrs('podSubnet', podSubnet)
  const services = cidrs('serviceSubnet', serviceSubnet)
  // A member has the cluster's own routes; they are what they should be.
  const networks = [...reports]
    .filter(([, report]) => isBlank(report))
    .flatMap(([name, report]) => report.networks.map((range) => ({ name, range })))
  const all = networks.map(({ range }) => range)
  const problems: string[] = []
  const advise = (range: string, others: readonly string[]) => {
    if (range.includes(':')) return ''
    const free = freeRange(Number(range.split('/')[1]), [...all, ...others])
    return free === undefined ? '' : `; ${free} is free`
  }
  for (const [what, ranges, others] of [
    ['podSubnet', pods, services],
    ['serviceSubnet', services, pods],
  ] as const) {
    for (const range of ranges) {
      const hit = networks.filter((network) => overlaps(range, network.range))
      if (hit.length === 0) continue
      const where = [...new Set(hit.map(({ name, range: taken }) => `${taken} of ${name}`))].slice(0, 4).join(', ')
      problems.push(`${what} ${range} overlaps ${where}${advise(range, others)}`)
    }
  }
  const mutual = pods.find((pod) => services.some((service) => overlaps(pod, service)))
  if (mutual !== undefined) {
    problems.push(`podSubnet ${mutual} overlaps serviceSubnet ${serviceSubnet}${advise(mutual, services)}`)
  }
  for (const range of pods.filter((pod) => !pod.includes(':'))) {
    const room = 2 ** Math.max(0, 24 - Number(range.split('/')[1]))
    if (hosts.length > room)
      problems.push(`podSubnet ${range} has room for ${room} nodes, and ${hosts.length} are asked for`)
  }
  return problems
}

function groupedBy<T>(list: readonly T[], keyOf: (it: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const it of list) groups.set(keyOf(it), [...(groups.get(keyOf(it)) ?? []), it])
  return groups
}

/** kubeadm's own limits (cmd/kubeadm/app/constants: 2 CPUs and 1700 MB for control planes). */
function machineProblems(reports: Reports, options: PreflightOptions): string[] {
  const ignored = (options.ignored ?? []).map((name) => name.toLowerCase())
  const counts = (name: string) => !ignored.includes(name) && !ignored.includes('all')
  return options.controlPlanes.flatMap((name) => {
    const report = reports.get(name)
    if (report === undefined || !isBlank(report)) return []
    return [
      ...(report.cpus < 2 && counts('numcpu') ? [`${name} has 1 CPU, and a control plane needs 2 (NumCPU)`] : []),
      ...(report.memoryMb < 1700 && counts('mem')
        ? [`${name} has ${report.memoryMb} MiB of memory, and a control plane needs 1700 (Mem)`]
        : []),
      ...(report.defaultRoutes === 0 && !options.hasAdvertiseAddress
        ? [`${name} has no default route: say advertiseAddress`]
        : []),
    ]
  })
}

/** Kubernetes tells machines apart by these. */
function twins(reports: Reports): string[] {
  const same = (what: string, of: (report: NodeReport) => string) =>
    [...groupedBy([...reports], ([, report]) => of(report))]
      .filter(([key, group]) => key !== '' && group.length > 1)
      .map(([key, group]) => `${group.map(([name]) => name).join(' and ')} have the same ${what}: ${key}`)
  return [
    ...same('hostname', ({ hostname }) => hostname),
    ...same('product_uuid or machine id', ({ machine }) => machine),
  ]
}

const warnedMs = 30 * 24 * 3600_000

/** What is allowed, and still worth a line. `now`: milliseconds since 1970. */
export function preflightLint(report: NodeReport, now = Date.now()): readonly string[] {
  const end = report.certificateEnd
  return [
    ...(end !== undefined && Date.parse(end) < now + warnedMs
      ? [`the certificate of its API server ends on ${end}: kubeadm certs renew all, then restart the control plane`]
      : []),
    ...(report.defaultRoutes > 1
      ? [
          `it has ${report.defaultRoutes} default routes: which address Kubernetes takes is chance; say advertiseAddress`,
        ]
      : []),
    ...(report.memoryMb < 2000 ? [`it has ${report.memoryMb} MiB of memory; 2 GiB leave room for Pods`] : []),
    ...(report.cgroup === 1 ? ['its control groups are of version 1, which kubelets refuse from 1.35 on'] : []),
  ]
}
