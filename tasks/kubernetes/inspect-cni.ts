import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import { cidrs } from './cidr.ts'
import { networkProblems } from './manifest-network.ts'
import { manifestObjects } from './manifest-objects.ts'
import { manifestName, type ManifestSource, manifestText } from './manifest-source.ts'

export interface InspectCniOptions extends ManifestSource {
  /** The cluster's range of Pods, which flannel and Calico have in their manifests too: `10.244.0.0/16`. */
  readonly podSubnet: string
}

/**
 * Reads the Pod network's manifest before anything is changed, so that one that is missing, broken or for another range
 * of Pods is not found out once the cluster is made.
 * @throws `OPTIONS` with what is wrong.
 * @example
 * await inspectCni(host, { manifest: 'kube-flannel.yml', podSubnet: '10.244.0.0/16' })
 */
export const inspectCni = task('inspect-cni', async (host, options: InspectCniOptions) => {
  const objects = manifestObjects(manifestName(options), await manifestText(host, options))
  const problems = networkProblems(objects, cidrs('podSubnet', options.podSubnet))
  if (problems.length === 0) return
  throw new TsplayError('OPTIONS', `${options.manifest} is not for this cluster: ${problems.join('; ')}`, {
    hint: 'Edit a copy of the manifest, or podSubnet: they have to be the same range.',
  })
})
