import { within } from './cidr.ts'
import { at, json, type Json, listAt, textAt } from './kubectl.ts'
import type { ManifestObject } from './manifest-objects.ts'

/** A range that a Pod network's manifest has for the Pods, and which setting says so. */
interface NetworkRange {
  readonly setting: string
  readonly range: string
  /** Whether it has to be all of podSubnet. */
  readonly whole: boolean
}

/** Where a Pod network's manifest has other ranges than the cluster; nothing where it says none of its own. */
export function networkProblems(objects: readonly ManifestObject[], podSubnets: readonly string[]): readonly string[] {
  return objects.flatMap(({ name, object }) =>
    rangesOf(object).flatMap(({ setting, range, whole }) => {
      const subnets = podSubnets.filter((subnet) => subnet.includes(':') === range.includes(':'))
      const fits = subnets.some((subnet) => within(range, subnet) && (!whole || within(subnet, range)))
      return fits || subnets.length === 0 ? [] : [`${setting} of ${name} is ${range}, and podSubnet ${subnets.join()}`]
    }),
  )
}

/** flannel's ConfigMap, the variable of Calico's DaemonSet, and the pools of Calico's operator. */
function rangesOf(object: Json): readonly NetworkRange[] {
  const flannel = json(textAt(object, 'data', 'net-conf.json')?.trim())
  const containers = listAt(object, 'spec', 'template', 'spec', 'containers')
  const variables = containers.flatMap((container) => listAt(container, 'env'))
  return [
    ...['Network', 'IPv6Network'].map((key) => ({ setting: key, range: textAt(flannel, key), whole: true })),
    ...['CALICO_IPV4POOL_CIDR', 'CALICO_IPV6POOL_CIDR'].map((setting) => ({
      setting,
      range: textAt(
        variables.find((it) => at(it, 'name') === setting),
        'value',
      ),
      whole: false,
    })),
    ...listAt(object, 'spec', 'calicoNetwork', 'ipPools').map((pool) => ({
      setting: 'ipPools',
      range: textAt(pool, 'cidr'),
      whole: false,
    })),
  ].flatMap(({ setting, range, whole }) => (range === undefined || range === '' ? [] : [{ setting, range, whole }]))
}
