import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { labFolder, script } from '../folder.ts'

/** The version that Debian has the source of. */
export const builtVersion = '1.20.2'

/** The built Kubernetes: `www` has its packages, `images` its images, `ready` a file for each version. */
export const kubernetesFolder = (): string => process.env['TSPLAY_LAB_KUBERNETES'] ?? join(labFolder(), 'kubernetes')

/** Why there is no Kubernetes to install; `undefined` where there is one. */
export function kubernetesProblem(version = builtVersion): string | undefined {
  if (existsSync(join(kubernetesFolder(), 'ready', version))) return undefined
  return `no Kubernetes ${version} is built in ${kubernetesFolder()}: npm run lab -- kubernetes`
}

/**
 * Builds what of these versions is not built yet, and shows how far it is; about 8 minutes on two idle cores, once. Gives
 * the exit code. A build that is cut goes on where it was.
 */
export async function buildKubernetes(versions: readonly string[]): Promise<number> {
  const folder = kubernetesFolder()
  await mkdir(folder, { recursive: true })
  const words = [join(folder, 'lock'), script('kubernetes/build.sh'), folder, ...versions]
  const build = spawn('flock', words, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code] = (await once(build, 'close')) as [number | null]
  return code ?? 1
}
