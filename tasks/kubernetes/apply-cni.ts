import { readFile } from 'node:fs/promises'
import { sha256 as digestOf } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import { unknownReason } from '../../runner/model/unknown.ts'
import { observed } from '../system/observed.ts'
import { awaitHealth, healthProbe, healthProblems } from './cluster-health.ts'
import { kubeObjects } from './kube-objects.ts'

export interface ApplyCniOptions {
  /** The Pod network's manifest: a file of the control machine, or an address that it can reach. */
  readonly manifest: string
  /** The manifest's SHA-256: another is refused. */
  readonly sha256?: string | undefined
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
  const manifest = await host.run.once(`manifest ${options.manifest}`, () => manifestText(options))
  const objects = kubeObjects({ name: baseName(options.manifest), manifest })
  const [applied, health] = await host.ensure([objects, observed(healthProbe(options))])
  const known = unknownReason(health.value) === undefined && !applied.changed
  const problems = known ? healthProblems(health.value, options) : ['the nodes would be waited for']
  if (problems.length === 0) return
  // What is predicted to join or to start can not be waited for.
  if (host.check) for (const problem of problems) host.log(problem)
  else await awaitHealth(host, options)
})

const baseName = (path: string) => path.split('/').at(-1) || path

async function manifestText({ manifest, sha256 }: ApplyCniOptions): Promise<string> {
  const text = /^https?:/.test(manifest) ? await fetched(manifest) : await local(manifest)
  const digest = digestOf(text)
  if (sha256 === undefined || digest === sha256.toLowerCase()) return text
  throw new TsplayError('OPTIONS', `${manifest} has the SHA-256 ${digest}, not ${sha256}`)
}

async function fetched(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
    if (response.ok) return await response.text()
    throw new Error(`${response.status} ${response.statusText}`)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown'
    throw new TsplayError('OPTIONS', `the manifest ${url} can not be fetched: ${why}`, { cause })
  }
}

async function local(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new TsplayError('OPTIONS', `the manifest ${path} can not be read`, { cause })
  }
}
