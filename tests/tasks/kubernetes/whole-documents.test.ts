import type { Documents } from '../../../tasks/kubernetes/config/documents.ts'
import { renderDocuments } from '../../../tasks/kubernetes/config/render.ts'
import { configApi, containerdSocket, kubernetesVersion } from '../../../tasks/kubernetes/version.ts'
import { assert, suite } from '../../helpers/suite.ts'

/** All that kubeadm is given for an init, in fields that every form knows. */
const init = (version: string): Documents => ({
  InitConfiguration: {
    bootstrapTokens: [{ token: 'abcdef.0123456789abcdef', ttl: '15m0s', description: 'made for kubeadm init' }],
    nodeRegistration: {
      criSocket: containerdSocket(kubernetesVersion(version)),
      kubeletExtraArgs: [{ name: 'node-ip', value: '192.0.2.10' }],
      taints: [],
    },
    localAPIEndpoint: { advertiseAddress: '192.0.2.10' },
  },
  ClusterConfiguration: {
    kubernetesVersion: `v${version}`,
    controlPlaneEndpoint: 'k8s.example:6443',
    networking: { podSubnet: '10.244.0.0/16,fd00:10::/56', serviceSubnet: '10.96.0.0/12,fd00:20::/112' },
    apiServer: {
      certSANs: ['api.example'],
      extraArgs: [{ name: 'profiling', value: 'false' }],
      extraVolumes: [
        { name: 'audit', hostPath: '/etc/audit', mountPath: '/etc/audit', readOnly: true, pathType: 'Directory' },
      ],
    },
    etcd: { local: { dataDir: '/srv/etcd', extraArgs: [{ name: 'quota-backend-bytes', value: '4294967296' }] } },
    imageRepository: 'mirror.example/kubernetes',
  },
  KubeletConfiguration: { cgroupDriver: 'systemd', failSwapOn: false },
  KubeProxyConfiguration: { mode: 'ipvs', ipvs: { strictARP: true } },
})

const join = (version: string): Documents => ({
  JoinConfiguration: {
    nodeRegistration: {
      criSocket: containerdSocket(kubernetesVersion(version)),
      kubeletExtraArgs: [{ name: 'node-ip', value: '192.0.2.11' }],
      ignorePreflightErrors: ['Mem'],
    },
    discovery: {
      bootstrapToken: {
        token: 'abcdef.0123456789abcdef',
        apiServerEndpoint: 'k8s.example:6443',
        caCertHashes: [`sha256:${'a'.repeat(64)}`],
      },
    },
  },
})

const components = `---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
failSwapOn: false
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
ipvs:
  strictARP: true
`

/** Of the forms before v1beta4, with flags as maps. */
const oldInit = (api: string, version: string, socket: string) => `apiVersion: kubeadm.k8s.io/${api}
kind: InitConfiguration
bootstrapTokens:
  - token: abcdef.0123456789abcdef
    ttl: 15m0s
    description: made for kubeadm init
nodeRegistration:
  criSocket: ${socket}
  kubeletExtraArgs:
    node-ip: 192.0.2.10
  taints: []
localAPIEndpoint:
  advertiseAddress: 192.0.2.10
---
apiVersion: kubeadm.k8s.io/${api}
kind: ClusterConfiguration
kubernetesVersion: v${version}
controlPlaneEndpoint: k8s.example:6443
networking:
  podSubnet: 10.244.0.0/16,fd00:10::/56
  serviceSubnet: 10.96.0.0/12,fd00:20::/112
apiServer:
  certSANs:
    - api.example
  extraArgs:
    profiling: "false"
  extraVolumes:
    - name: audit
      hostPath: /etc/audit
      mountPath: /etc/audit
      readOnly: true
      pathType: Directory
etcd:
  local:
    dataDir: /srv/etcd
    extraArgs:
      quota-backend-bytes: "4294967296"
imageRepository: mirror.example/kubernetes
${components}`

const newInit = (version: string) => `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens:
  - token: abcdef.0123456789abcdef
    ttl: 15m0s
    description: made for kubeadm init
nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs:
    - name: node-ip
      value: 192.0.2.10
  taints: []
localAPIEndpoint:
  advertiseAddress: 192.0.2.10
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v${version}
controlPlaneEndpoint: k8s.example:6443
networking:
  podSubnet: 10.244.0.0/16,fd00:10::/56
  serviceSubnet: 10.96.0.0/12,fd00:20::/112
apiServer:
  certSANs:
    - api.example
  extraArgs:
    - name: profiling
      value: "false"
  extraVolumes:
    - name: audit
      hostPath: /etc/audit
      mountPath: /etc/audit
      readOnly: true
      pathType: Directory
etcd:
  local:
    dataDir: /srv/etcd
    extraArgs:
      - name: quota-backend-bytes
        value: "4294967296"
imageRepository: mirror.example/kubernetes
${components}`

const joined = (api: string, flags: string) => `apiVersion: kubeadm.k8s.io/${api}
kind: JoinConfiguration
nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs:
    ${flags}
  ignorePreflightErrors:
    - Mem
discovery:
  bootstrapToken:
    token: abcdef.0123456789abcdef
    apiServerEndpoint: k8s.example:6443
    caCertHashes:
      - sha256:${'a'.repeat(64)}
`

const rendered = (version: string, documents: Documents) =>
  renderDocuments(configApi(kubernetesVersion(version)), documents)

suite("kubeadm's configuration as a whole", (test) => {
  test('for 1.20 it is v1beta2, with a socket that is a path', () => {
    assert.is(rendered('1.20.2', init('1.20.2')), oldInit('v1beta2', '1.20.2', '/run/containerd/containerd.sock'))
  })

  test('for 1.22 to 1.30 it is v1beta3, with a socket that is an URL from 1.24', () => {
    assert.is(rendered('1.22.17', init('1.22.17')), oldInit('v1beta3', '1.22.17', '/run/containerd/containerd.sock'))
    for (const version of ['1.24.0', '1.27.16', '1.30.14']) {
      const socket = 'unix:///run/containerd/containerd.sock'
      assert.is(rendered(version, init(version)), oldInit('v1beta3', version, socket))
      assert.is(rendered(version, join(version)), joined('v1beta3', 'node-ip: 192.0.2.11'))
    }
  })

  test('from 1.31 on it is v1beta4', () => {
    for (const version of ['1.31.4', '1.34.3', '1.37.0']) {
      assert.is(rendered(version, init(version)), newInit(version))
      const flags = '- name: node-ip\n      value: 192.0.2.11'
      assert.is(rendered(version, join(version)), joined('v1beta4', flags))
    }
  })
})
