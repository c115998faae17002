/** Documents of kubeadm's configuration, in the shape of v1beta4; {@link renderDocuments} writes older ones. */

/** A flag without its dashes. */
export interface Arg {
  readonly name: string
  readonly value: string
}

export interface EnvVar {
  readonly name: string
  readonly value: string
}

export interface Taint {
  readonly key: string
  readonly value?: string | undefined
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

export interface HostPathMount {
  readonly name: string
  readonly hostPath: string
  readonly mountPath: string
  readonly readOnly?: boolean | undefined
  readonly pathType?:
    | 'File'
    | 'FileOrCreate'
    | 'Directory'
    | 'DirectoryOrCreate'
    | 'Socket'
    | 'CharDevice'
    | 'BlockDevice'
    | undefined
}

export interface NodeRegistration {
  /** @default the host's name, in lower case */
  readonly name?: string | undefined
  readonly criSocket?: string | undefined
  /** Left out: the control plane's taint on control planes. Empty: none. */
  readonly taints?: readonly Taint[] | undefined
  readonly kubeletExtraArgs?: readonly Arg[] | undefined
  readonly ignorePreflightErrors?: readonly string[] | undefined
  /** From v1beta3. @default 'IfNotPresent' */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined
  /** From v1beta4. @default true */
  readonly imagePullSerial?: boolean | undefined
}

/** Durations as Go writes them: `4m0s`. From v1beta4. */
export interface Timeouts {
  readonly controlPlaneComponentHealthCheck?: string | undefined
  readonly kubeletHealthCheck?: string | undefined
  readonly kubernetesAPICall?: string | undefined
  readonly etcdAPICall?: string | undefined
  readonly tlsBootstrap?: string | undefined
  readonly discovery?: string | undefined
  readonly upgradeManifests?: string | undefined
}

export interface ControlPlaneComponent {
  readonly extraArgs?: readonly Arg[] | undefined
  readonly extraVolumes?: readonly HostPathMount[] | undefined
  /** From v1beta4. */
  readonly extraEnvs?: readonly EnvVar[] | undefined
}

interface ImageMeta {
  readonly imageRepository?: string | undefined
  /** Pins the image: upgrades leave it. */
  readonly imageTag?: string | undefined
}

export interface LocalEtcd extends ImageMeta {
  /** @default '/var/lib/etcd' */
  readonly dataDir?: string | undefined
  readonly extraArgs?: readonly Arg[] | undefined
  readonly serverCertSANs?: readonly string[] | undefined
  readonly peerCertSANs?: readonly string[] | undefined
}

export interface ExternalEtcd {
  readonly endpoints: readonly string[]
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** Either local or external. */
export type Etcd =
  | { readonly local: LocalEtcd; readonly external?: never }
  | { readonly external: ExternalEtcd; readonly local?: never }

export interface ClusterConfiguration {
  /** `v1.31.4`. */
  readonly kubernetesVersion: string
  /** @default 'kubernetes' */
  readonly clusterName?: string | undefined
  /** `host:port` that all nodes reach the control plane by; needed for a second control plane ever to join. */
  readonly controlPlaneEndpoint?: string | undefined
  readonly networking?:
    | {
        readonly serviceSubnet?: string | undefined
        readonly podSubnet?: string | undefined
        readonly dnsDomain?: string | undefined
      }
    | undefined
  readonly apiServer?: (ControlPlaneComponent & { readonly certSANs?: readonly string[] | undefined }) | undefined
  readonly controllerManager?: ControlPlaneComponent | undefined
  readonly scheduler?: ControlPlaneComponent | undefined
  readonly etcd?: Etcd | undefined
  /** `disabled`: from v1beta4. */
  readonly dns?: (ImageMeta & { readonly disabled?: boolean | undefined }) | undefined
  /** From v1beta4. */
  readonly proxy?: { readonly disabled?: boolean | undefined } | undefined
  readonly certificatesDir?: string | undefined
  readonly imageRepository?: string | undefined
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined
  /** From v1beta4. */
  readonly encryptionAlgorithm?: 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'ECDSA-P256' | 'ECDSA-P384' | undefined
  /** From v1beta4. */
  readonly certificateValidityPeriod?: string | undefined
  /** From v1beta4. */
  readonly caCertificateValidityPeriod?: string | undefined
}

export interface InitConfiguration {
  readonly bootstrapTokens?: readonly {
    readonly token: string
    readonly ttl?: string | undefined
    readonly description?: string | undefined
  }[]
  readonly nodeRegistration?: NodeRegistration | undefined
  readonly localAPIEndpoint?:
    | { readonly advertiseAddress?: string | undefined; readonly bindPort?: number | undefined }
    | undefined
  readonly certificateKey?: string | undefined
  /** From v1beta3. */
  readonly skipPhases?: readonly string[] | undefined
  /** From v1beta3. */
  readonly patches?: { readonly directory: string } | undefined
  readonly timeouts?: Timeouts | undefined
}

export interface JoinConfiguration {
  readonly nodeRegistration?: NodeRegistration | undefined
  readonly discovery: {
    readonly bootstrapToken: {
      readonly token: string
      readonly apiServerEndpoint: string
      readonly caCertHashes: readonly string[]
    }
  }
  /** From v1beta3. */
  readonly skipPhases?: readonly string[] | undefined
  /** From v1beta3. */
  readonly patches?: { readonly directory: string } | undefined
  readonly timeouts?: Timeouts | undefined
}

/** What is often set of kubelet.config.k8s.io/v1beta1. */
export interface KubeletConfiguration {
  readonly cgroupDriver?: 'systemd' | 'cgroupfs' | undefined
  readonly clusterDNS?: readonly string[] | undefined
  readonly clusterDomain?: string | undefined
  readonly failSwapOn?: boolean | undefined
  readonly memorySwap?: { readonly swapBehavior: 'NoSwap' | 'LimitedSwap' } | undefined
  readonly failCgroupV1?: boolean | undefined
  readonly rotateCertificates?: boolean | undefined
  readonly serverTLSBootstrap?: boolean | undefined
  readonly maxPods?: number | undefined
  readonly podPidsLimit?: number | undefined
  readonly evictionHard?: Readonly<Record<string, string>> | undefined
  readonly kubeReserved?: Readonly<Record<string, string>> | undefined
  readonly systemReserved?: Readonly<Record<string, string>> | undefined
  readonly imageGCHighThresholdPercent?: number | undefined
  readonly imageGCLowThresholdPercent?: number | undefined
  readonly containerLogMaxSize?: string | undefined
  readonly containerLogMaxFiles?: number | undefined
  readonly resolvConf?: string | undefined
  readonly protectKernelDefaults?: boolean | undefined
  readonly shutdownGracePeriod?: string | undefined
  readonly shutdownGracePeriodCriticalPods?: string | undefined
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined
}

/** What is often set of kubeproxy.config.k8s.io/v1alpha1. */
export interface KubeProxyConfiguration {
  readonly mode?: 'iptables' | 'ipvs' | 'nftables' | undefined
  readonly clusterCIDR?: string | undefined
  readonly nodePortAddresses?: readonly string[] | undefined
  readonly ipvs?:
    | {
        readonly scheduler?: string | undefined
        readonly strictARP?: boolean | undefined
        readonly excludeCIDRs?: readonly string[] | undefined
      }
    | undefined
  readonly conntrack?: { readonly maxPerCore?: number | undefined; readonly min?: number | undefined } | undefined
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined
}

/** Documents by kind. */
export interface Documents {
  readonly InitConfiguration?: InitConfiguration | undefined
  readonly JoinConfiguration?: JoinConfiguration | undefined
  readonly ClusterConfiguration?: ClusterConfiguration | undefined
  readonly KubeletConfiguration?: KubeletConfiguration | undefined
  readonly KubeProxyConfiguration?: KubeProxyConfiguration | undefined
}
