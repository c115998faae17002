import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256 } from '../../runner/model/content.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { resolved } from '../../runner/model/facts-of/path-state.ts'
import { task } from '../../runner/model/task.ts'
import { unknownReason } from '../../runner/model/unknown.ts'
import { observed } from '../system/observed.ts'
import { adminConf } from './kubectl.ts'

export interface FetchKubeconfigOptions {
  /** Where it is put on the control machine, relative to the working directory; 0600, at once or not at all. */
  readonly path: string
}

/**
 * The administrator's access to the cluster, brought to the control machine. Nothing is fetched where it is the same.
 * @example
 * await fetchKubeconfig(host, { path: 'kubeconfig.yaml' })
 */
export const fetchKubeconfig = task('fetch-kubeconfig', async (host, { path }: FetchKubeconfigOptions) => {
  const { value } = await host.ensure(observed(pathProbe(adminConf)))
  const found = resolved(value)
  const own = await readFile(path).catch(() => undefined)
  const same =
    found.kind === 'file' &&
    unknownReason(found.sha256) === undefined &&
    own !== undefined &&
    sha256(own) === found.sha256
  if (same) return
  await host.run.effect(`kubeconfig ${path}`, async () => {
    const { stdout } = await host.read({ secret: true })`cat ${adminConf}`
    await mkdir(dirname(path), { recursive: true })
    const temporary = `${path}.${process.pid}.new`
    await writeFile(temporary, stdout, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  })
})
