import { type Secret, secret } from '../../runner/model/secret.ts'
import { task } from '../../runner/model/task.ts'
import { newBootstrapToken, newCertificateKey } from './bootstrap-secrets.ts'
import { cidrs } from './cidr.ts'
import type {
  ClusterConfiguration,
  Documents,
  InitConfiguration,
  KubeletConfiguration,
  KubeProxyConfiguration,
} from './config/documents.ts'
import { renderDocuments } from './config/render.ts'
import { controlPlane } from './control-plane.ts'
import { addOns } from './control-plane-stage.ts'
import { clusterDrift } from './drift.ts'
import { configApi, containerdSocket, type KubernetesVersion, kubernetesVersion } from './version.ts'

export interface KubeadmInitOptions {
  /** `1.31.4`. */
  readonly kubernetesVersion: string
  /** `10.244.0.0/16`; two with a comma for IPv4 and IPv6. */
  readonly podSubnet: string
  /** @default '10.96.0.0/12' */
  readonly serviceSubnet?: string | undefined
  /** `host[:port]` of a load balancer or a name: without one, no second control plane can ever join. */
  readonly controlPlaneEndpoint?: string | undefined
  /** The address that the API server tells others. @default that of the default route */
  readonly advertiseAddress?: string | undefined
  /** More of kubeadm's ClusterConfiguration. */
  readonly cluster?: Omit<ClusterConfiguration, 'kubernetesVersion' | 'controlPlaneEndpoint' | 'networking'> | undefined
  /** More of kubeadm's InitConfiguration. */
  readonly init?: Omit<InitConfiguration, 'bootstrapTokens' | 'certificateKey' | 'localAPIEndpoint'> | undefined
  /** Settings of all kubelets of the cluster. */
  readonly kubelet?: KubeletConfiguration | undefined
  /** Settings of kube-proxy. */
  readonly kubeProxy?: KubeProxyConfiguration | undefined
  /** Checks of kubeadm that are not to count, by kubeadm's names. */
  readonly ignorePreflightErrors?: readonly string[] | undefined
  /** Whether the certificates are left in the cluster for two hours, for further control planes. @default false */
  readonly uploadCertificates?: boolean | undefined
  /** Limit for all of it, in milliseconds. @default 10 minutes */
  readonly timeoutMs?: number | undefined
}

/** What others need to join: plain data. */
export interface Cluster {
  /** The control plane's name in the inventory. */
  readonly controlPlane: string
  /** `host:port` of the API server. */
  readonly endpoint: string
  /** The pin of the cluster's certificate authority, and its name in refusals: `sha256:…`. */
  readonly caCertHash: string
  /** `v1.31.4`. */
  readonly kubernetesVersion: string
  /** Names of its nodes, as it gave them then; where they are missing, each host asks for its own. */
  readonly nodes?: readonly string[] | undefined
}

/**
 * The first control plane of a cluster. A host that has it is left alone, a half-made one is taken up where it ended, and
 * what is another cluster's is refused. Tokens and keys are made here, and go to kubeadm without being in any file.
 * @example
 * const { endpoint } = await kubeadmInit(host, { kubernetesVersion: '1.31.4', podSubnet: '10.244.0.0/16' })
 * host.log(`the API server is at ${endpoint}`)
 */
export const kubeadmInit = task('kubeadm-init', async (host, options: KubeadmInitOptions): Promise<Cluster> => {
  const version = kubernetesVersion(options.kubernetesVersion)
  const cluster = clusterConfiguration(options, version)
  const wanted = documents(options, cluster, version)
  const named = options.controlPlaneEndpoint ?? options.advertiseAddress
  const skipped = options.init?.skipPhases ?? []
  const { endpoint, caCertHash, nodes } = await host.ensure(
    controlPlane({
      version,
      configuration: renderDocuments(configApi(version), wanted),
      documents: (kubeadm) => withSecrets(options, cluster, kubeadm),
      nodeName: options.init?.nodeRegistration?.name,
      endpoint: named === undefined ? undefined : withPort(named),
      addOns: addOns.filter(
        (name) =>
          !skipped.includes('addon') &&
          !skipped.includes(`addon/${name}`) &&
          !(name === 'coredns' ? cluster.dns?.disabled : cluster.proxy?.disabled),
      ),
      ignorePreflightErrors: options.ignorePreflightErrors ?? [],
      uploadCertificates: options.uploadCertificates ?? false,
      drift: (found, components) => clusterDrift(wanted, found, components),
      timeoutMs: options.timeoutMs ?? 600_000,
    }),
  )
  return { controlPlane: host.name, endpoint, caCertHash, kubernetesVersion: version.text, nodes }
})

const withPort = (endpoint: string): string =>
  endpoint.includes(':') && !/^[0-9a-f:]+$/i.test(endpoint)
    ? endpoint
    : `${endpoint.includes(':') ? `[${endpoint}]` : endpoint}:6443`

function clusterConfiguration(options: KubeadmInitOptions, version: KubernetesVersion): ClusterConfiguration {
  const { podSubnet, serviceSubnet = '10.96.0.0/12', controlPlaneEndpoint } = options
  cidrs('podSubnet', podSubnet)
  cidrs('serviceSubnet', serviceSubnet)
  return {
    ...options.cluster,
    kubernetesVersion: version.text,
    ...(controlPlaneEndpoint === undefined ? {} : { controlPlaneEndpoint }),
    networking: { podSubnet, serviceSubnet },
  }
}

/** Without what is secret. */
function documents(options: KubeadmInitOptions, cluster: ClusterConfiguration, kubeadm: KubernetesVersion): Documents {
  const { advertiseAddress, init = {}, kubelet, kubeProxy } = options
  return {
    InitConfiguration: {
      ...init,
      nodeRegistration: { criSocket: containerdSocket(kubeadm), ...init.nodeRegistration },
      ...(advertiseAddress === undefined ? {} : { localAPIEndpoint: { advertiseAddress } }),
    },
    ClusterConfiguration: cluster,
    ...(kubelet === undefined ? {} : { KubeletConfiguration: kubelet }),
    ...(kubeProxy === undefined ? {} : { KubeProxyConfiguration: kubeProxy }),
  }
}

/** kubeadm wants one token at least; it is gone after a quarter of an hour. */
function withSecrets(
  options: KubeadmInitOptions,
  cluster: ClusterConfiguration,
  kubeadm: KubernetesVersion,
): Secret<string> {
  const { InitConfiguration: init, ...rest } = documents(options, cluster, kubeadm)
  const uploads = options.uploadCertificates ?? false
  const secrets: InitConfiguration = {
    bootstrapTokens: [{ token: '<token>', ttl: '15m0s', description: 'made for kubeadm init' }],
    ...(uploads ? { certificateKey: '<key>' } : {}),
  }
  const text = renderDocuments(configApi(kubeadm), { InitConfiguration: { ...secrets, ...init }, ...rest }, 'json')
  const [head = '', tail = ''] = text.split('<token>')
  const [middle = '', end = ''] = tail.split('<key>')
  const token = newBootstrapToken().whole
  return uploads ? secret`${head}${token}${middle}${newCertificateKey()}${end}` : secret`${head}${token}${tail}`
}
