import { TsplayError } from '../../runner/model/errors.ts'
import { packageProbe } from '../../runner/model/facts-of/package.ts'
import { task } from '../../runner/model/task.ts'
import { packageRepository, type PackageRepositoryOptions } from '../packages/package-repository.ts'
import { versionMatches } from '../packages/package-spec.ts'
import { packages } from '../packages/packages.ts'
import { observed } from '../system/observed.ts'
import { service } from '../system/service.ts'
import { isBlank, nodeProbe } from './node-state.ts'
import { kubeadmFact } from './control-plane.ts'
import { kubernetesVersion } from './version.ts'

export interface InstallKubernetesOptions {
  /** `1.31.4`. */
  readonly kubernetesVersion: string
  /** The package's whole version, where it matters: `1.31.4-1.1`. @default any of `1.31.4-*` */
  readonly packageVersion?: string | undefined
  /**
   * A signed repository laid out as pkgs.k8s.io is: one for each minor version.
   * @default pkgs.k8s.io's own, with the key that it gives
   */
  readonly repository?: Required<Pick<PackageRepositoryOptions, 'url' | 'key'>> | undefined
}

const names = ['kubelet', 'kubeadm', 'kubectl']

/**
 * kubelet, kubeadm and kubectl of one version, held there. The version of a member of a cluster is never changed here:
 * that is an upgrade, which has an order among nodes.
 * @example
 * await installKubernetes(host, { kubernetesVersion: '1.31.4' })
 */
export const installKubernetes = task('install-kubernetes', async (host, options: InstallKubernetesOptions) => {
  const { major, minor, patch, text } = kubernetesVersion(options.kubernetesVersion)
  const version = options.packageVersion ?? `${text.slice(1)}-*`
  const { version: installed } = (await host.ensure(observed(packageProbe('kubelet')))).value
  if (installed !== undefined && !versionMatches(version, installed)) {
    const node = await host.ensure(observed(nodeProbe()))
    if (!isBlank(node.value)) {
      throw new TsplayError(
        'OPTIONS',
        `${host.name} is a member of a cluster with kubelet ${installed}, and ${major}.${minor}.${patch} is asked for`,
        { hint: 'a member changes its version only by an upgrade; ask for its own version here' },
      )
    }
  }
  const url = `https://pkgs.k8s.io/core:/stable:/v${major}.${minor}/deb/`
  const repository = options.repository ?? { url, key: { url: `${url}Release.key` } }
  await host.ensure(packageRepository({ name: 'kubernetes', ...repository }))
  await host.ensure([
    packages({
      names: names.map((name) => `${name}=${version}`),
      hold: true,
      recommends: false,
      brings: {
        units: [{ name: 'kubelet', running: false, enabled: 'unknown' }],
        directories: ['/opt/cni/bin'],
        facts: [{ fact: kubeadmFact, value: text }],
        complete: true,
      },
    }),
    service({ name: 'kubelet', enabled: true }),
  ])
})
