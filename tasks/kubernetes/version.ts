import { TsplayError } from '../../runner/model/errors.ts'
import { certain } from '../../runner/model/unknown.ts'

/** A version of Kubernetes in its parts. */
export interface KubernetesVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** As kubeadm writes it: `v1.31.4`. */
  readonly text: string
}

/** Reads `1.31.4` or `v1.31.4`. Throws `TsplayError('OPTIONS')` on anything else. */
export function kubernetesVersion(text: string): KubernetesVersion {
  const match = /^v?(\d+)\.(\d+)\.(\d+)((?:-[0-9A-Za-z.-]+)?)$/.exec(certain(text).trim())
  if (!match) {
    throw new TsplayError('OPTIONS', `kubernetesVersion: ${JSON.stringify(text)} is no whole version`, {
      hint: 'write all three numbers: 1.31.4',
    })
  }
  const [, major, minor, patch, rest] = match
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    text: `v${major}.${minor}.${patch}${rest}`,
  }
}

/** The form of kubeadm's configuration. */
export type ConfigApi = 'v1beta2' | 'v1beta3' | 'v1beta4'

/** The newest form that a kubeadm reads: v1beta2 from 1.15, v1beta3 from 1.22, v1beta4 from 1.31. */
export function configApi({ major, minor, text }: KubernetesVersion): ConfigApi {
  if (major !== 1 || minor < 15) {
    throw new TsplayError('OPTIONS', `kubeadm ${text} is not supported: 1.15 is the oldest`)
  }
  return minor < 22 ? 'v1beta2' : minor < 31 ? 'v1beta3' : 'v1beta4'
}

/**
 * Why a kubeadm can't create a cluster of a version; `undefined` where it can. kubeadm N makes N and N-1 (its version skew
 * policy); kubeadm itself only warns.
 */
export function skewProblem(kubeadm: KubernetesVersion, wanted: KubernetesVersion): string | undefined {
  const behind = kubeadm.minor - wanted.minor
  const newer = behind < 0 || (behind === 0 && wanted.patch > kubeadm.patch)
  if (kubeadm.major === wanted.major && behind <= 1 && !newer) return undefined
  return `kubeadm ${kubeadm.text} can not make a cluster of ${wanted.text}: it makes its own minor version and the one before`
}

/** The socket of containerd, as the kubeadm of a version wants it written: as an URL from 1.24. */
export const containerdSocket = ({ minor }: KubernetesVersion): string =>
  minor < 24 ? '/run/containerd/containerd.sock' : 'unix:///run/containerd/containerd.sock'

/** Where images come from unless said otherwise: registry.k8s.io from 1.25. */
export const defaultImageRepository = ({ minor }: KubernetesVersion): string =>
  minor < 25 ? 'k8s.gcr.io' : 'registry.k8s.io'

/** Versions of the pause image by the first minor version that uses them (cmd/kubeadm/app/constants). */
const pauseVersions: readonly (readonly [minor: number, pause: string])[] = [
  [34, '3.10.1'],
  [31, '3.10'],
  [26, '3.9'],
  [25, '3.8'],
  [24, '3.7'],
  [23, '3.6'],
  [22, '3.5'],
  [21, '3.4.1'],
  [18, '3.2'],
]

/** The image that holds a Pod's namespaces, as kubeadm of this version expects it. */
export function sandboxImage(version: KubernetesVersion, repository = defaultImageRepository(version)): string {
  const pause = pauseVersions.find(([minor]) => version.minor >= minor)?.[1] ?? '3.1'
  return `${repository}/pause:${pause}`
}
