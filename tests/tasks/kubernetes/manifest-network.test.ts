import { networkProblems } from '../../../tasks/kubernetes/manifest-network.ts'
import { manifestObjects } from '../../../tasks/kubernetes/manifest-objects.ts'
import { assert, suite } from '../../helpers/suite.ts'

const flannel = `
apiVersion: v1
kind: ConfigMap
metadata: { name: kube-flannel-cfg, namespace: kube-flannel }
data:
  net-conf.json: |
    {
      "Network": "10.244.0.0/16",
      "EnableNFTables": false,
      "Backend": { "Type": "vxlan" }
    }
`

const calico = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system }
spec:
  template:
    spec:
      containers:
        - name: calico-node
          env:
            - { name: CALICO_IPV4POOL_CIDR, value: 10.244.128.0/17 }
`

const operator = `
apiVersion: operator.tigera.io/v1
kind: Installation
metadata: { name: default }
spec:
  calicoNetwork:
    ipPools:
      - { cidr: 192.168.0.0/16 }
`

const problems = (text: string, ...podSubnets: readonly string[]) =>
  networkProblems(manifestObjects('network.yaml', text), podSubnets)

suite("a Pod network's ranges", (test) => {
  test("flannel's is the whole range of Pods", () => {
    assert.equal(problems(flannel, '10.244.0.0/16'), [])
    assert.equal(problems(flannel, '10.244.0.0/16', 'fd00:10::/56'), [])
    assert.equal(problems(flannel, '10.200.0.0/16'), [
      'Network of ConfigMap kube-flannel/kube-flannel-cfg is 10.244.0.0/16, and podSubnet 10.200.0.0/16',
    ])
    assert.is(problems(flannel, '10.244.0.0/15').length, 1)
    assert.is(problems(flannel, '10.244.0.0/17').length, 1)
  })

  test("Calico's pools are parts of it", () => {
    assert.equal(problems(calico, '10.244.0.0/16'), [])
    assert.match(problems(calico, '10.200.0.0/16').join(), 'CALICO_IPV4POOL_CIDR of DaemonSet kube-system/calico-node')
    assert.match(problems(operator, '10.244.0.0/16').join(), 'ipPools of Installation default is 192.168.0.0/16')
  })

  test('a manifest that says none of its own fits every cluster', () => {
    assert.equal(problems('apiVersion: v1\nkind: Namespace\nmetadata: { name: net }\n', '10.244.0.0/16'), [])
  })
})
