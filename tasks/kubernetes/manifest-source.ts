import { readFileSync } from 'node:fs'
import { sha256 as digestOf } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Host } from '../../runner/model/host.ts'

export interface ManifestSource {
  /** The Pod network's manifest: a file of the control machine, or an address that it can reach. */
  readonly manifest: string
  /** The manifest's SHA-256: another is refused. */
  readonly sha256?: string | undefined
}

/** Its text; an address is asked once in a run. Throws TsplayError OPTIONS where there is none, or another. */
export async function manifestText(host: Host, { manifest, sha256 }: ManifestSource): Promise<string> {
  const text = /^https?:/.test(manifest)
    ? await host.run.once(`manifest ${manifest}`, () => fetched(manifest))
    : local(manifest)
  const digest = digestOf(text)
  if (sha256 === undefined || digest === sha256.toLowerCase()) return text
  throw new TsplayError('OPTIONS', `${manifest} has the SHA-256 ${digest}, not ${sha256}`)
}

/** What it is called, for people: `kube-flannel.yml`. */
export const manifestName = ({ manifest }: ManifestSource): string => manifest.split('/').at(-1) || manifest

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

/** Without a wait, after which a host would have to be asked anew. */
function local(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TsplayError('OPTIONS', `the manifest ${path} can not be read`, { cause })
  }
}
