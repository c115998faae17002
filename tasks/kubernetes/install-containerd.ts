import { TsplayError } from '../../runner/model/errors.ts'
import { task } from '../../runner/model/task.ts'
import { restart } from '../../runner/model/trigger.ts'
import { directory } from '../files/directory.ts'
import { file } from '../files/file.ts'
import { packages } from '../packages/packages.ts'
import { service } from '../system/service.ts'
import { unitFile } from '../system/unit-file.ts'
import { containerdConfig, containerdConfigPath } from './containerd-config.ts'
import { kubernetesVersion, sandboxImage } from './version.ts'

export interface InstallContainerdOptions {
  /** The image that holds a Pod's namespaces. @default that of `kubernetesVersion`; without either, containerd's own */
  readonly sandboxImage?: string | undefined
  /** The Kubernetes that it is for, whose sandbox image is taken: `1.31.4`. */
  readonly kubernetesVersion?: string | undefined
  /** Where that image comes from. @default Kubernetes' own registry */
  readonly imageRepository?: string | undefined
  /** How it reaches registries. `no`: names, domains (`.example.com`) and ranges that are reached without. */
  readonly proxy?:
    | {
        readonly http?: string | undefined
        readonly https?: string | undefined
        readonly no?: readonly string[] | undefined
      }
    | undefined
  /** The package: `containerd` of Debian and Ubuntu, or `containerd.io` of Docker. @default 'containerd' */
  readonly package?: string | undefined
  /** Kept at this version, as `apt-cache madison` shows it. @default whatever is newest when it is installed */
  readonly version?: string | undefined
  /** Who makes control groups: systemd wants them to itself wherever it runs, unless they are of version 1. @default 'systemd' */
  readonly cgroupDriver?: 'systemd' | 'cgroupfs' | undefined
  /** @default '/opt/cni/bin', where kubernetes-cni puts them */
  readonly cniBinDir?: string | undefined
  /** @default as containerd has it: `/etc/cni/net.d` */
  readonly cniConfDir?: string | undefined
  /** Mirrors by registry: `{ 'registry.k8s.io': ['https://mirror.example'] }`. They are asked before the registry. */
  readonly registryMirrors?: Readonly<Record<string, readonly string[]>> | undefined
}

const certsDir = '/etc/containerd/certs.d'

/**
 * containerd as Kubernetes needs it: the CRI plugin on, its control groups, the Pods' sandbox image, CNI's folders and
 * registry mirrors. It is restarted only when its settings differ.
 * @example
 * await installContainerd(host, { sandboxImage: 'registry.k8s.io/pause:3.10' })
 */
export const installContainerd = task('install-containerd', async (host, options: InstallContainerdOptions = {}) => {
  const { version, kubernetesVersion: kubernetes, cgroupDriver = 'systemd', registryMirrors = {}, proxy } = options
  const own =
    kubernetes === undefined ? undefined : sandboxImage(kubernetesVersion(kubernetes), options.imageRepository)
  const packageName = options.package ?? 'containerd'
  await host.ensure(
    packages({
      names: version === undefined ? packageName : `${packageName}=${version}`,
      hold: true,
      recommends: false,
      brings: {
        units: ['containerd'],
        directories: ['/etc/containerd'],
        files: [containerdConfigPath],
        complete: true,
      },
    }),
  )
  await host.ensure(
    containerdConfig({
      packageName,
      cgroupDriver,
      cniBinDir: options.cniBinDir ?? '/opt/cni/bin',
      registryConfigDir: certsDir,
      cniConfDir: options.cniConfDir,
      sandboxImage: options.sandboxImage ?? own,
    }),
    { onChange: restart('containerd') },
  )
  if (proxy !== undefined) {
    const dropIn = unitFile({ name: 'containerd', dropIn: 'proxy', content: proxyUnit(proxy) })
    await host.ensure(dropIn, { onChange: restart('containerd') })
  }
  await host.ensure([
    directory({ path: certsDir, mode: '0755' }),
    ...Object.entries(registryMirrors).flatMap(([registry, mirrors]) => {
      const folder = `${certsDir}/${registryName(registry)}`
      return [
        directory({ path: folder, mode: '0755' }),
        file({ path: `${folder}/hosts.toml`, content: hostsToml(registry, mirrors), mode: '0644' }),
      ]
    }),
    service({ name: 'containerd', enabled: true, running: true }),
  ])
})

/** Environment of the service (systemd.exec(5)), where `%` begins a specifier. */
function proxyUnit({ http, https, no = [] }: NonNullable<InstallContainerdOptions['proxy']>): string {
  const all: readonly (readonly [string, string | undefined])[] = [
    ['HTTP_PROXY', http],
    ['HTTPS_PROXY', https],
    ['NO_PROXY', no.length === 0 ? undefined : no.join(',')],
  ]
  const lines = all.flatMap(([name, value]) => {
    if (value === undefined) return []
    if (/["\\\s]/.test(value)) throw new TsplayError('OPTIONS', `proxy: ${JSON.stringify(value)} can not be an address`)
    return [`Environment="${name}=${value.replaceAll('%', '%%')}"\n`]
  })
  return `[Service]\n${lines.join('')}`
}

/** A registry as containerd names its folder: host with an optional port. */
function registryName(registry: string): string {
  if (/^(?:_default|[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?)$/.test(registry)) return registry
  throw new TsplayError('OPTIONS', `registryMirrors: ${JSON.stringify(registry)} is no registry`, {
    hint: 'write the host alone: registry.k8s.io, or registry.example:5000',
  })
}

/** hosts.toml of containerd (docs/hosts.md). */
function hostsToml(registry: string, mirrors: readonly string[]): string {
  const entries = mirrors.map((mirror) => {
    if (!URL.canParse(mirror) || /["\s\\]/.test(mirror)) {
      throw new TsplayError('OPTIONS', `registryMirrors of ${registry}: ${JSON.stringify(mirror)} is no URL`)
    }
    return `[host."${mirror}"]\n  capabilities = ["pull", "resolve"]\n`
  })
  return [`server = "https://${registry}"\n`, ...entries].join('\n')
}
