import ipaddr from 'ipaddr.js'
import type { NodeReport } from './inspect-node.ts'
import { isBlank } from './node-state.ts'

const warnedMs = 30 * 24 * 3600_000

/** What is allowed, and still worth a line. `now`: milliseconds since 1970. */
export function preflightLint(report: NodeReport, now = Date.now()): readonly string[] {
  const end = report.certificateEnd
  return [
    ...(end !== undefined && Date.parse(end) < now + warnedMs
      ? [`the certificate of its API server ends on ${end}: kubeadm certs renew all, then restart the control plane`]
      : []),
    ...(report.defaultRoutes > 1
      ? [`it has ${report.defaultRoutes} default routes: which address Kubernetes takes is chance; say nodeAddress`]
      : []),
    ...(isBlank(report) && isPublic(report.address)
      ? [`its address ${report.address} is public: only the nodes are to reach its ports 6443, 2379, 2380 and 10250`]
      : []),
    ...otherNetworks(report),
    ...(report.memoryMb < 2000 ? [`it has ${report.memoryMb} MiB of memory; 2 GiB leave room for Pods`] : []),
    ...(report.cgroup === 1 ? ['its control groups are of version 1, which kubelets refuse from 1.35 on'] : []),
  ]
}

const isPublic = (address: string | undefined): boolean =>
  address !== undefined && ipaddr.isValid(address) && ipaddr.parse(address).range() === 'unicast'

/** A cluster has one Pod network: of several, the first by name is taken. */
function otherNetworks(report: NodeReport): string[] {
  const { podNetworks } = report
  if (podNetworks.length <= (isBlank(report) ? 0 : 1)) return []
  return [`/etc/cni/net.d has ${podNetworks.join(', ')}: the first is the network of the Pods, whoever put it there`]
}
