import type { NodeReport } from '../../../tasks/kubernetes/inspect-node.ts'
import { type PreflightOptions, preflightProblems } from '../../../tasks/kubernetes/preflight.ts'
import { preflightLint } from '../../../tasks/kubernetes/preflight-lint.ts'
import { assert, suite } from '../../helpers/suite.ts'

const one = `sha256:${'1'.repeat(64)}`
const two = `sha256:${'2'.repeat(64)}`

const blank = (hostname: string): NodeReport => ({
  hostname,
  systems: ['debian'],
  architecture: 'amd64',
  cpus: 4,
  memoryMb: 4096,
  cgroup: 2,
  defaultRoutes: 1,
  address: '192.168.8.10',
  networks: ['192.168.8.10/24'],
  podNetworks: [],
  findsEndpoint: undefined,
  files: [],
  ca: undefined,
  server: undefined,
  member: false,
  kubeletActive: false,
  components: [],
  certificateEnd: undefined,
  machine: `machine-${hostname}`,
})

const member = (hostname: string, ca: string): NodeReport => ({
  ...blank(hostname),
  files: ['kubelet.conf', 'pki/ca.crt', 'kubelet'],
  ca,
  member: true,
  kubeletActive: true,
  networks: ['192.168.8.10/24', '10.244.0.1/24'],
})

const options: PreflightOptions = {
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  controlPlanes: ['cp1'],
  hosts: ['cp1', 'w1'],
}

const problems = (reports: Record<string, NodeReport>, more: Partial<PreflightOptions> = {}) =>
  preflightProblems(new Map(Object.entries(reports)), { ...options, ...more })

suite('preflight', (test) => {
  test('fit hosts, blank or of one cluster, have no problems', () => {
    assert.equal(problems({ cp1: blank('cp1'), w1: blank('w1') }), [])
    assert.equal(problems({ cp1: member('cp1', one), w1: member('w1', one), w2: blank('w2') }), [])
  })

  test('a blank machine in the place of the control plane is refused while others hold the cluster', () => {
    const [problem = ''] = problems({ cp1: blank('cp1'), w1: member('w1', one) })
    assert.match(problem, `cp1 is blank, while w1 still holds the cluster ${one}`)
  })

  test('two clusters, and another than the one that was kept, are refused', () => {
    assert.match(problems({ cp1: member('cp1', one), w1: member('w1', two) })[0] ?? '', 'members of 2 clusters')
    const kept = problems({ cp1: member('cp1', one), w1: blank('w1') }, { clusterCa: two })
    assert.match(kept[0] ?? '', `cp1 is a member of the cluster ${one}, not of ${two}`)
  })

  test('a pin that is kept makes no exception for a blank machine in the place of the control plane', () => {
    const alone = problems({ cp1: blank('cp1'), w1: blank('w1') }, { clusterCa: one })
    assert.match(alone.join(), `cp1 is blank, and clusterCa keeps the cluster ${one}`)
    const held = problems({ cp1: blank('cp1'), w1: member('w1', one) }, { clusterCa: one })
    assert.match(held.join(), `cp1 is blank, while w1 still holds the cluster ${one}`)
    const given = { ...blank('cp1'), files: ['pki/ca.crt', 'pki/ca.key'], ca: one }
    assert.equal(problems({ cp1: given, w1: blank('w1') }, { clusterCa: one }), [])
  })

  test('a control plane that could not be looked at stops everything', () => {
    assert.match(problems({ w1: blank('w1') })[0] ?? '', 'cp1 could not be looked at')
  })

  test('ranges that overlap a network of a blank host are refused with a range that is free', () => {
    const found = problems({ cp1: blank('cp1'), w1: blank('w1') }, { podSubnet: '192.168.0.0/16' })
    assert.equal(found, [
      'podSubnet 192.168.0.0/16 overlaps 192.168.8.10/24 of cp1, 192.168.8.10/24 of w1; 10.244.0.0/16 is free',
    ])
    const mutual = problems({ cp1: blank('cp1'), w1: blank('w1') }, { podSubnet: '10.100.0.0/16' })
    assert.match(mutual[0] ?? '', /overlaps serviceSubnet 10\.96\.0\.0\/12; 10\.244\.0\.0\/16 is free/)
  })

  test('services have no family of addresses that Pods have not', () => {
    const both = { podSubnet: '10.244.0.0/16,fd00:10::/56', serviceSubnet: '10.96.0.0/12,fd00:20::/112' }
    assert.equal(problems({ cp1: blank('cp1') }, both), [])
    assert.equal(problems({ cp1: blank('cp1') }, { ...both, podSubnet: '10.244.0.0/16' }), [
      'serviceSubnet 10.96.0.0/12,fd00:20::/112 has IPv6 addresses, and podSubnet 10.244.0.0/16 has none',
    ])
  })

  test('a range for Pods has to hold all nodes', () => {
    const hosts = ['cp1', 'w1', 'w2']
    const found = problems({ cp1: blank('cp1') }, { podSubnet: '10.244.0.0/23', hosts })
    assert.equal(found, ['podSubnet 10.244.0.0/23 has room for 2 nodes, and 3 are asked for'])
  })

  test('machines too small, without a default route, or twins, are refused', () => {
    const small = { ...blank('cp1'), cpus: 1, memoryMb: 900, defaultRoutes: 0 }
    assert.is(problems({ cp1: small, w1: blank('w1') }).length, 3)
    assert.is(
      problems({ cp1: small, w1: blank('w1') }, { ignored: ['numcpu', 'Mem'], hasAdvertiseAddress: true }).length,
      0,
    )
    assert.match(problems({ cp1: blank('a'), w1: blank('a') }).join(), 'cp1 and w1 have the same hostname: a')
  })

  test('blank machines of other systems or architectures, or that do not find the endpoint, are refused', () => {
    const odd = { ...blank('w1'), systems: ['alpine'], architecture: 'armhf', findsEndpoint: false }
    assert.equal(problems({ cp1: blank('cp1'), w1: odd }, { controlPlaneEndpoint: 'k8s.example:6443' }), [
      'w1 is alpine; the packages are for Debian and Ubuntu',
      'w1 is armhf; Kubernetes has packages and images for amd64, arm64, ppc64el, s390x',
      'w1 finds no address for controlPlaneEndpoint k8s.example:6443: put it into DNS, or into its /etc/hosts',
    ])
    const like = { ...blank('w1'), systems: ['ubuntu', 'debian'], architecture: 'arm64', findsEndpoint: true }
    assert.equal(problems({ cp1: blank('cp1'), w1: like }), [])
    assert.equal(problems({ cp1: member('cp1', one), w1: { ...member('w1', one), systems: [] } }), [])
  })

  test('what is allowed is said all the same', () => {
    assert.equal(preflightLint(blank('cp1')), [])
    assert.is(preflightLint({ ...blank('cp1'), defaultRoutes: 2, memoryMb: 1900, cgroup: 1 }).length, 3)
    assert.match(preflightLint({ ...blank('cp1'), address: '8.8.8.8' }).join(), 'its address 8.8.8.8 is public')
    const podman = { ...blank('cp1'), podNetworks: ['87-podman-bridge.conflist'] }
    assert.match(preflightLint(podman).join(), '/etc/cni/net.d has 87-podman-bridge.conflist: the first')
    assert.equal(preflightLint({ ...member('cp1', one), podNetworks: ['10-flannel.conflist'] }), [])
    const old = { ...blank('cp1'), certificateEnd: '2031-05-20T00:00:00.000Z' }
    assert.equal(preflightLint(old, Date.parse('2031-04-01')), [])
    assert.match(preflightLint(old, Date.parse('2031-05-01')).join(), 'ends on 2031-05-20')
  })
})
