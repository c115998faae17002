import * as v from 'valibot'

const url = v.pipe(v.string(), v.url())
const version = v.pipe(v.string(), v.regex(/^v?\d+\.\d+\.\d+$/, 'a whole version in quotes: "1.31.4"'))
const pin = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, 'a pin of a certificate authority: sha256:…'))

const taint = v.object({
  key: v.string(),
  value: v.optional(v.string()),
  effect: v.picklist(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
})

/** What an inventory says of a cluster. */
export const clusterVars = v.object({
  kubernetesVersion: version,
  /** A range of addresses for Pods that overlaps nothing else. */
  podSubnet: v.string(),
  serviceSubnet: v.optional(v.string(), '10.96.0.0/12'),
  /** The Pod network's manifest: a file, or an address. */
  podNetwork: v.string(),
  /** A repository laid out as pkgs.k8s.io is. Left out, that one. */
  kubernetesRepository: v.optional(v.object({ url, key: v.object({ url, sha256: v.optional(v.string()) }) })),
  /** Where the images of Kubernetes come from. Left out, its own registry. */
  imageRepository: v.optional(v.string()),
  /** The image that holds a Pod's namespaces. Left out, the one that this Kubernetes expects. */
  sandboxImage: v.optional(v.string()),
  cgroupDriver: v.optional(v.picklist(['systemd', 'cgroupfs']), 'systemd'),
  /** Mirrors by registry. */
  registryMirrors: v.optional(v.record(v.string(), v.array(url)), {}),
  /** How containerd reaches registries. */
  proxy: v.optional(v.object({ http: v.optional(url), https: v.optional(url), no: v.optional(v.array(v.string())) })),
  /** The name or address that all nodes reach the control plane by. */
  controlPlaneEndpoint: v.optional(v.string()),
  /** A host's address in the cluster, where it is not that of its default route; two with a comma for IPv4 and IPv6. */
  nodeAddress: v.optional(v.string()),
  /** The address that the API server tells others. Left out, `nodeAddress`. */
  advertiseAddress: v.optional(v.string()),
  /** Further names and addresses that the API server's certificate is for. */
  apiServerNames: v.optional(v.array(v.string())),
  /** A node's labels; null takes one away. */
  nodeLabels: v.optional(v.record(v.string(), v.nullable(v.string()))),
  /** All of a node's taints but those that Kubernetes sets by how it is: `[]` on a control plane, and it takes Pods. */
  nodeTaints: v.optional(v.array(taint)),
  kubeProxy: v.optional(
    v.object({
      mode: v.optional(v.picklist(['iptables', 'ipvs', 'nftables'])),
      conntrack: v.optional(v.object({ maxPerCore: v.optional(v.number()), min: v.optional(v.number()) })),
    }),
  ),
  ignorePreflightErrors: v.optional(v.array(v.string()), []),
  /** The pin of the cluster that these hosts are of: any other is refused. */
  clusterCa: v.optional(pin),
  /** Where the administrator's access is put on this machine. */
  kubeconfig: v.optional(v.string(), 'admin.conf'),
})
