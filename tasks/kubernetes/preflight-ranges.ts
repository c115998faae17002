import { cidrs, freeRange, overlaps } from './cidr.ts'
import { isBlank } from './node-state.ts'
import type { PreflightOptions, Reports } from './preflight.ts'

/** What speaks against the ranges of Pods and services. A range that overlaps a network comes with one that is free. */
export function rangeProblems(reports: Reports, { podSubnet, serviceSubnet, hosts }: PreflightOptions): string[] {
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
  for (const [family, isOf] of families) {
    if (services.some(isOf) && !pods.some(isOf)) {
      problems.push(`serviceSubnet ${serviceSubnet} has ${family} addresses, and podSubnet ${podSubnet} has none`)
    }
  }
  for (const range of pods.filter((pod) => !pod.includes(':'))) {
    const room = 2 ** Math.max(0, 24 - Number(range.split('/')[1]))
    if (hosts.length > room)
      problems.push(`podSubnet ${range} has room for ${room} nodes, and ${hosts.length} are asked for`)
  }
  return problems
}

const families: readonly (readonly [name: string, isOf: (range: string) => boolean])[] = [
  ['IPv4', (range) => !range.includes(':')],
  ['IPv6', (range) => range.includes(':')],
]
