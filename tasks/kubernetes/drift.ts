import type { ClusterConfiguration, ControlPlaneComponent, Documents } from './config/documents.ts'
import { loweredDocument } from './config/render.ts'
import type { ClusterState } from './cluster-state.ts'
import { at, type Json, textAt } from './kubectl.ts'
import type { StaticPod } from './node-state.ts'
import type { ConfigApi } from './version.ts'

/**
 * What a living cluster has otherwise than asked, in words: what `kubeadm init` never changes. What the cluster has beyond
 * what is asked for is not looked at.
 */
export function clusterDrift(
  wanted: Documents,
  found: ClusterState,
  components: readonly StaticPod[],
): readonly string[] {
  const { ClusterConfiguration: cluster, KubeletConfiguration: kubelet, KubeProxyConfiguration: kubeProxy } = wanted
  return [
    ...documentDrift('ClusterConfiguration', cluster, found.configuration),
    ...documentDrift('KubeletConfiguration', kubelet, found.kubelet),
    ...documentDrift('KubeProxyConfiguration', kubeProxy, found.kubeProxy),
    ...(cluster === undefined ? [] : manifestDrift(cluster, components)),
  ]
}

function documentDrift(kind: string, wanted: object | undefined, found: Json | undefined): readonly string[] {
  if (wanted === undefined || found === undefined) return []
  const name = /v1beta[234]$/.exec(textAt(found, 'apiVersion') ?? '')?.[0]
  // Fields that are left out with `undefined` are not asked for.
  const fields = JSON.parse(
    JSON.stringify(loweredDocument((name ?? 'v1beta4') as ConfigApi, kind, { ...wanted })),
  ) as Json
  return differences('', fields, found).map((text) => (kind === 'ClusterConfiguration' ? text : `${kind}: ${text}`))
}

function differences(path: string, wanted: Json, found: Json | undefined): string[] {
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    return Object.entries(wanted).flatMap(([key, value]) =>
      differences(path === '' ? key : `${path}.${key}`, value, at(found, key)),
    )
  }
  if (JSON.stringify(wanted) === JSON.stringify(found) || sameDuration(wanted, found)) return []
  return [`${path} is ${found === undefined || found === '' ? 'not set' : shown(found)}, not ${shown(wanted)}`]
}

const shown = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))

const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 }

/** Go writes a duration of `30m` as `30m0s`. */
function sameDuration(one: Json, other: Json | undefined): boolean {
  const [a, b] = [duration(one), duration(other)]
  return a !== undefined && a === b
}

function duration(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d+(?:ms|h|m|s))+$/.test(value)) return undefined
  const parts = [...value.matchAll(/(\d+)(ms|h|m|s)/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0)
}

const asked: readonly (readonly [
  name: string,
  of: (cluster: ClusterConfiguration) => ControlPlaneComponent | undefined,
])[] = [
  ['kube-apiserver', ({ apiServer }) => apiServer],
  ['kube-controller-manager', ({ controllerManager }) => controllerManager],
  ['kube-scheduler', ({ scheduler }) => scheduler],
]

/** Manifests that were taken away, or edited by hand against what is asked for. */
function manifestDrift(cluster: ClusterConfiguration, components: readonly StaticPod[]): readonly string[] {
  return asked.flatMap(([name, of]) => {
    const found = components.find((component) => component.name === name)
    const file = `/etc/kubernetes/manifests/${name}.yaml`
    if (found === undefined) return [`${file} is missing`]
    const tag = found.image.slice(found.image.lastIndexOf(':') + 1)
    const version = tag === cluster.kubernetesVersion ? [] : [`${file} runs ${tag}, not ${cluster.kubernetesVersion}`]
    const flags = (of(cluster)?.extraArgs ?? [])
      .map((flag) => `--${flag.name}=${flag.value}`)
      .filter((flag) => !found.flags.includes(flag))
    return [...version, ...flags.map((flag) => `${file} has no ${flag}`)]
  })
}
