import type { NodeReport } from './inspect-node.ts'
import { isBlank } from './node-state.ts'
import type { PreflightOptions, Reports } from './preflight.ts'

/** What speaks against the machines, each by itself and beside the others. Members are taken as they are. */
export const machineProblems = (reports: Reports, options: PreflightOptions): readonly string[] => [
  ...[...reports].flatMap(([name, report]) => (isBlank(report) ? systemProblems(name, report, options) : [])),
  ...sizeProblems(reports, options),
  ...twins(reports),
]

/** What Kubernetes has packages and images for, in Debian's words. */
const architectures = ['amd64', 'arm64', 'ppc64el', 's390x']

function systemProblems(name: string, report: NodeReport, { controlPlaneEndpoint }: PreflightOptions): string[] {
  const { systems, architecture, findsEndpoint } = report
  return [
    ...(systems.includes('debian')
      ? []
      : [`${name} is ${systems[0] ?? 'of an unknown system'}; the packages are for Debian and Ubuntu`]),
    ...(architectures.includes(architecture)
      ? []
      : [`${name} is ${architecture}; Kubernetes has packages and images for ${architectures.join(', ')}`]),
    ...(findsEndpoint === false
      ? [
          `${name} finds no address for controlPlaneEndpoint ${controlPlaneEndpoint}: put it into DNS, or into its /etc/hosts`,
        ]
      : []),
  ]
}

/** kubeadm's own limits (cmd/kubeadm/app/constants: 2 CPUs and 1700 MB for control planes). */
function sizeProblems(reports: Reports, options: PreflightOptions): string[] {
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

export function groupedBy<T>(list: readonly T[], keyOf: (it: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const it of list) groups.set(keyOf(it), [...(groups.get(keyOf(it)) ?? []), it])
  return groups
}
