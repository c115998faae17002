import type { ClusterConfiguration } from './config/documents.ts'
import { type Json, textAt } from './kubectl.ts'

/** What a living cluster has otherwise than asked, in words: what kubeadm never changes by an init. */
export function clusterDrift(wanted: ClusterConfiguration, found: Json | undefined): readonly string[] {
  const fields: readonly (readonly [name: string, path: readonly string[], value: string | undefined])[] = [
    ['kubernetesVersion', ['kubernetesVersion'], wanted.kubernetesVersion],
    ['podSubnet', ['networking', 'podSubnet'], wanted.networking?.podSubnet],
    ['serviceSubnet', ['networking', 'serviceSubnet'], wanted.networking?.serviceSubnet],
    ['dnsDomain', ['networking', 'dnsDomain'], wanted.networking?.dnsDomain],
    ['controlPlaneEndpoint', ['controlPlaneEndpoint'], wanted.controlPlaneEndpoint],
    ['clusterName', ['clusterName'], wanted.clusterName],
  ]
  return fields.flatMap(([name, path, value]) => {
    const has = textAt(found, ...path)
    return value === undefined || value === has ? [] : [`${name} is ${has ?? 'not set'}, not ${value}`]
  })
}
