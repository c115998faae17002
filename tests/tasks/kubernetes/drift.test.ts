import { type ClusterState, noCluster } from '../../../tasks/kubernetes/cluster-state.ts'
import type { Documents } from '../../../tasks/kubernetes/config/documents.ts'
import { clusterDrift } from '../../../tasks/kubernetes/drift.ts'
import { assert, suite } from '../../helpers/suite.ts'

const component = (name: string, flags: readonly string[] = []) => ({
  name,
  image: `k8s.gcr.io/${name}:v1.20.2`,
  flags,
})

const components = [
  component('kube-apiserver', ['--audit-log-path=/var/log/audit.log', '--secure-port=6443']),
  component('kube-controller-manager'),
  component('kube-scheduler'),
]

const living: ClusterState = {
  ...noCluster,
  answers: true,
  configuration: {
    apiVersion: 'kubeadm.k8s.io/v1beta2',
    kubernetesVersion: 'v1.20.2',
    imageRepository: 'k8s.gcr.io',
    apiServer: { extraArgs: { 'audit-log-path': '/var/log/audit.log' }, timeoutForControlPlane: '4m0s' },
    networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' },
  },
  kubelet: { cgroupDriver: 'systemd', shutdownGracePeriod: '1m30s', maxPods: 110 },
  kubeProxy: { mode: '', conntrack: { maxPerCore: null, min: null } },
}

const wanted: Documents = {
  ClusterConfiguration: {
    kubernetesVersion: 'v1.20.2',
    clusterName: undefined,
    networking: { podSubnet: '10.244.0.0/16' },
    apiServer: { extraArgs: [{ name: 'audit-log-path', value: '/var/log/audit.log' }] },
  },
  KubeletConfiguration: { cgroupDriver: 'systemd', shutdownGracePeriod: '90s' },
}

suite('drift of a cluster', (test) => {
  test('a cluster that has what is asked for, written in its own form, has none', () => {
    assert.equal(clusterDrift(wanted, living, components), [])
  })

  test('each field that differs is named, of every document', () => {
    const other: Documents = {
      ClusterConfiguration: {
        ...wanted.ClusterConfiguration,
        kubernetesVersion: 'v1.20.2',
        networking: { podSubnet: '10.200.0.0/16' },
        controlPlaneEndpoint: 'k8s.example:6443',
      },
      KubeletConfiguration: { maxPods: 200 },
      KubeProxyConfiguration: { mode: 'ipvs' },
    }
    assert.equal(clusterDrift(other, living, components), [
      'networking.podSubnet is 10.244.0.0/16, not 10.200.0.0/16',
      'controlPlaneEndpoint is not set, not k8s.example:6443',
      'KubeletConfiguration: maxPods is 110, not 200',
      'KubeProxyConfiguration: mode is not set, not ipvs',
    ])
  })

  test('manifests that were taken away or edited against what is asked for are named; flags beyond it are not', () => {
    const [apiServer, manager] = components
    const edited = [
      { ...apiServer!, flags: ['--audit-log-path=/tmp/x', '--v=9'] },
      { ...manager!, image: 'k8s.gcr.io/kube-controller-manager:v1.19.0' },
    ]
    assert.equal(clusterDrift(wanted, living, edited), [
      '/etc/kubernetes/manifests/kube-apiserver.yaml has no --audit-log-path=/var/log/audit.log',
      '/etc/kubernetes/manifests/kube-controller-manager.yaml runs v1.19.0, not v1.20.2',
      '/etc/kubernetes/manifests/kube-scheduler.yaml is missing',
    ])
  })
})
