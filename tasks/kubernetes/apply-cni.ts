import { task } from '../../runner/model/task.ts'
import { unknownReason } from '../../runner/model/unknown.ts'
import { observed } from '../system/observed.ts'
import { awaitHealth, healthProbe, healthProblems } from './cluster-health.ts'
import { kubeObjects } from './kube-objects.ts'
import { type ManifestSource, manifestName, manifestText } from './manifest-source.ts'

export interface ApplyCniOptions extends ManifestSource {
  /** How many nodes have to be Ready in the end. */
  readonly nodes: number
  /** Whether the cluster's DNS has to run. @default true */
  readonly dns?: boolean | undefined
  /** How long nodes and DNS are waited for, in milliseconds. @default 5 minutes */
  readonly timeoutMs?: number | undefined
}

/**
 * The Pod network, from any manifest; waits until all nodes are Ready and DNS runs, and says what is wrong otherwise.
 * @example
 * await applyCni(host, { manifest: 'kube-flannel.yml', nodes: 3 })
 */
export const applyCni = task('apply-cni', async (host, options: ApplyCniOptions) => {
  const manifest = await manifestText(host, options)
  const objects = kubeObjects({ name: manifestName(options), manifest })
  const [applied, health] = await host.ensure([objects, observed(healthProbe(options.dns !== false))])
  const known = unknownReason(health.value) === undefined && !applied.changed
  const problems = known ? healthProblems(health.value, options) : ['the nodes would be waited for']
  if (problems.length === 0) return
  // What is predicted to join or to start can not be waited for.
  if (host.check) for (const problem of problems) host.log(problem)
  else await awaitHealth(host, options)
})
