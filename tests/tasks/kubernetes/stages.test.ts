import type { Probe } from '../../../runner/model/probe.ts'
import { isResource } from '../../../runner/model/resource.ts'
import { unknownReason } from '../../../runner/model/unknown.ts'
import { controlPlane } from '../../../tasks/kubernetes/control-plane.ts'
import { kubernetesVersion } from '../../../tasks/kubernetes/version.ts'
import { type ClusterState, noCluster, parseCluster } from '../../../tasks/kubernetes/cluster-state.ts'
import { controlPlaneStage, ownLeftovers } from '../../../tasks/kubernetes/control-plane-stage.ts'
import { isBlank, manifests, type NodeState, parseNode } from '../../../tasks/kubernetes/node-state.ts'
import { joinLeftovers, registrationProbe, workerStage } from '../../../tasks/kubernetes/worker-state.ts'
import { assert, suite } from '../../helpers/suite.ts'

const ca = `sha256:${'a'.repeat(64)}`

const nothing: NodeState = {
  hostname: 'h',
  files: [],
  ca: undefined,
  server: undefined,
  member: false,
  kubeletActive: false,
  components: [],
  certificateEnd: undefined,
  machine: 'm',
}

const whole: NodeState = {
  ...nothing,
  files: ['admin.conf', 'kubelet.conf', 'pki/ca.crt', 'pki/ca.key', ...manifests, 'kubelet', 'etcd'],
  ca,
  member: true,
  kubeletActive: true,
}

const healthy: ClusterState = {
  answers: true,
  error: undefined,
  configuration: {},
  kubelet: {},
  kubeProxy: {},
  configMaps: ['coredns', 'kube-proxy', 'kubeadm-config'],
  registered: true,
  nodes: ['h'],
}

const joined: NodeState = {
  ...nothing,
  files: ['kubelet.conf', 'pki/ca.crt', 'kubelet'],
  ca,
  member: true,
  kubeletActive: true,
}
const registered = { node: 'registered', error: undefined } as const
const unasked = { node: 'unasked', error: undefined } as const

suite('stages of nodes', (test) => {
  test('what a host prints of Kubernetes is read, and a blank host is blank', () => {
    const blank = parseNode('machine 4C4C4544-0051\n')
    assert.ok(isBlank(blank))
    assert.is(blank.machine, '4c4c4544-0051')
    const worker = parseNode(
      'has kubelet.conf\nhas kubelet\nserver https://10.0.0.1:6443\ncertificate /var/lib/kubelet/pki/kubelet-client-current.pem\nactive\nmachine m\n',
    )
    assert.ok(!isBlank(worker) && worker.member && worker.kubeletActive)
    assert.is(worker.server, 'https://10.0.0.1:6443')
    assert.not(parseNode('has kubelet.conf\nserver https://10.0.0.1:6443\nmachine m\n').member)
  })

  test('what the manifests run is read, with the end of the certificate, also where a cut left half of one', () => {
    const { components, certificateEnd } = parseNode(
      'image kube-scheduler k8s.gcr.io/kube-scheduler:v1.20.2\nflag kube-scheduler --leader-elect=true\nimage etcd k8s.gcr.io/etcd:3.4.13-0\nmachine m\napiserver\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    )
    assert.equal(components, [
      { name: 'kube-scheduler', image: 'k8s.gcr.io/kube-scheduler:v1.20.2', flags: ['--leader-elect=true'] },
      { name: 'etcd', image: 'k8s.gcr.io/etcd:3.4.13-0', flags: [] },
    ])
    assert.is(certificateEnd, undefined)
  })

  test('a control plane is ready only when all of it is: files, the API, its node and its add-ons', () => {
    assert.is(controlPlaneStage(nothing, noCluster), 'absent')
    assert.is(controlPlaneStage({ ...nothing, files: ['pki/ca.crt', 'pki/ca.key'] }, noCluster), 'absent')
    assert.is(controlPlaneStage(whole, healthy), 'ready')
    assert.is(controlPlaneStage(whole, { ...healthy, configMaps: ['kubeadm-config', 'coredns'] }), 'partial')
    assert.is(controlPlaneStage(whole, { ...healthy, configMaps: ['kubeadm-config', 'coredns'] }, ['coredns']), 'ready')
    assert.is(controlPlaneStage(whole, { ...healthy, registered: false }), 'partial')
    assert.is(controlPlaneStage(whole, { ...healthy, configuration: undefined }), 'partial')
    assert.is(controlPlaneStage(whole, noCluster), 'down')
    assert.is(controlPlaneStage({ ...whole, member: false }, noCluster), 'partial')
    assert.is(controlPlaneStage({ ...nothing, files: ['kubelet'] }, noCluster), 'partial')
    assert.is(controlPlaneStage(joined, noCluster), 'worker')
    assert.is(controlPlaneStage({ ...whole, kubeletActive: false }, healthy), 'stopped')
    assert.is(controlPlaneStage({ ...whole, kubeletActive: false }, noCluster), 'stopped')
  })

  test('only the checks that a first try makes fail are passed over', () => {
    assert.equal(ownLeftovers(nothing), [])
    assert.equal(ownLeftovers({ ...nothing, files: ['manifests/etcd.yaml', 'etcd'], kubeletActive: true }), [
      'FileAvailable--etc-kubernetes-manifests-etcd.yaml',
      'DirAvailable--var-lib-etcd',
      'Port-10250',
      'Port-6443',
      'Port-10257',
      'Port-10259',
      'Port-2379',
      'Port-2380',
    ])
    assert.equal(joinLeftovers({ ...nothing, files: ['bootstrap-kubelet.conf', 'pki/ca.crt'] }), [
      'FileAvailable--etc-kubernetes-bootstrap-kubelet.conf',
      'FileAvailable--etc-kubernetes-pki-ca.crt',
    ])
  })

  test('a worker is ready when it is of this cluster, its kubelet runs, and the cluster lists it', () => {
    const other = `sha256:${'b'.repeat(64)}`
    assert.is(workerStage(nothing, unasked, ca), 'absent')
    assert.is(workerStage(joined, registered, ca), 'ready')
    assert.is(workerStage(joined, registered, other), 'foreign')
    assert.is(workerStage(whole, registered, ca), 'control plane')
    assert.is(workerStage({ ...joined, kubeletActive: false }, registered, ca), 'stopped')
    assert.is(workerStage({ ...joined, member: false }, unasked, ca), 'partial')
    assert.is(workerStage(joined, { node: 'unknown to the cluster', error: undefined }, ca), 'unregistered')
    assert.is(workerStage(joined, { node: 'no answer', error: 'connection refused' }, ca), 'no answer')
  })

  test('what the API answers about a node is told apart from what kubectl says when it does not', () => {
    const parse = (raw: string) => registrationProbe().parse(raw)
    assert.is(parse('').node, 'unasked')
    assert.is(parse('== node\n{"metadata":{"uid":"u"}}\n').node, 'registered')
    assert.is(parse('== node\nError from server (NotFound): nodes "w1" not found\n').node, 'unknown to the cluster')
    assert.is(parse('== node\nThe connection to the server 10.0.0.1:6443 was refused').node, 'no answer')
    // A host that can't ask is not one without a cluster.
    assert.throws(
      () => parse('mktemp: No space left on device\n'),
      /the cluster's API: the host's answer makes no sense/,
    )
    assert.throws(() => parseCluster('mktemp: No space left on device\n'), /No space left/)
  })

  test("the cluster's configuration is read from the API, and an answer that is none is an error's text", () => {
    const maps = {
      items: [
        {
          metadata: { name: 'kubeadm-config' },
          data: { ClusterConfiguration: 'networking:\n  podSubnet: 10.244.0.0/16\n' },
        },
        { metadata: { name: 'kube-proxy' } },
      ],
    }
    const state = parseCluster(
      `== configmaps\n${JSON.stringify(maps)}\n== node\n{"metadata":{"uid":"u"}}\n== nodes\n{"items":[{"metadata":{"name":"cp1"}},{"metadata":{"name":"w1"}}]}\n`,
    )
    assert.equal(state.nodes, ['cp1', 'w1'])
    assert.equal(state.configuration, { networking: { podSubnet: '10.244.0.0/16' } })
    assert.equal(state.configMaps, ['kubeadm-config', 'kube-proxy'])
    assert.ok(state.answers && state.registered)
    const down = parseCluster('== configmaps\nThe connection to the server was refused\n')
    assert.not(down.answers)
    assert.is(down.nodes, undefined)
    assert.is(down.error, 'The connection to the server was refused')
    assert.equal(parseCluster(''), noCluster)
  })

  test('what is not asked of a whole control plane is nothing unknown: a kubelet that was stopped is started for certain', () => {
    const made = controlPlane({
      version: kubernetesVersion('1.31.4'),
      configuration: '',
      documents: () => '',
      nodeName: undefined,
      endpoint: undefined,
      addOns: ['coredns', 'kube-proxy'],
      ignorePreflightErrors: [],
      uploadCertificates: false,
      drift: () => [],
      timeoutMs: 1000,
    })
    if (!isResource(made)) throw new Error('not a resource')
    const { definition, options } = made
    const probes = Object.entries(definition.probes(options) as Readonly<Record<string, Probe<unknown>>>)
    const answers = { address: '', kubeadm: 'unasked\n', node: '', cluster: '' }
    const asked = probes.map(([name, probe]) => [name, probe.parse(answers[name as keyof typeof answers])] as const)
    for (const [name, answer] of asked) assert.is(unknownReason(answer), undefined, name)
    const state = {
      ...Object.fromEntries(asked),
      node: { ...whole, server: 'https://10.0.0.1:6443', kubeletActive: false },
    }
    assert.equal(definition.diff(options, state), [{ field: 'kubelet', before: 'stopped', after: 'running' }])
  })
})
