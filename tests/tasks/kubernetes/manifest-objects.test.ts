import { manifestObjects, objectDifferences } from '../../../tasks/kubernetes/manifest-objects.ts'
import { assert, suite } from '../../helpers/suite.ts'

const pathsOf = (text: string) => manifestObjects('m', text).map(({ path }) => path)

suite('objects of a manifest', (test) => {
  test('each object has its path in the API, in its namespace or in none', () => {
    const text = `apiVersion: v1
kind: ServiceAccount
metadata: {name: net, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: net}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
---
# only a comment
---
apiVersion: v1
kind: List
items:
- {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a, namespace: x}}
- {apiVersion: v1, kind: Endpoints, metadata: {name: b, namespace: x}}
`
    assert.equal(pathsOf(text), [
      '/api/v1/namespaces/kube-system/serviceaccounts/net',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/net',
      '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/deny',
      '/apis/apps/v1/namespaces/x/daemonsets/a',
      '/api/v1/namespaces/x/endpoints/b',
    ])
  })

  test('kinds that the manifest itself defines are named as it says', () => {
    const text = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: foci.example.org}
spec: {scope: Cluster, names: {kind: Focus, plural: foci}}
---
apiVersion: example.org/v1
kind: Focus
metadata: {name: one}
`
    assert.is(pathsOf(text)[1], '/apis/example.org/v1/foci/one')
  })

  test('what is no manifest is refused', () => {
    assert.throws(() => manifestObjects('cni.yaml', ''), /cni\.yaml holds no objects/)
    assert.throws(() => manifestObjects('cni.yaml', '<html></html>'), /no kind/)
    assert.throws(() => manifestObjects('cni.yaml', 'a: [1'), /cni\.yaml: /)
  })

  test('what the cluster adds is no difference, what it has otherwise is', () => {
    const wanted = {
      kind: 'DaemonSet',
      metadata: { name: 'a', creationTimestamp: null, labels: {} },
      spec: {
        template: { spec: { containers: [{ name: 'c', image: 'i:1', resources: { limits: { cpu: '1000m' } } }] } },
      },
    }
    const container = { name: 'c', image: 'i:1', imagePullPolicy: 'Always', resources: { limits: { cpu: '1' } } }
    const living = (one: object) => ({
      kind: 'DaemonSet',
      metadata: { name: 'a', creationTimestamp: 'now', uid: 'u' },
      spec: { template: { spec: { containers: [one], dnsPolicy: 'ClusterFirst' } } },
      status: { ready: 1 },
    })
    assert.equal(objectDifferences(wanted, living(container) as never), [])
    assert.equal(objectDifferences(wanted, living({ ...container, image: 'i:2' }) as never), [
      '.spec.template.spec.containers[0].image',
    ])
    assert.equal(
      objectDifferences(
        { kind: 'Role', rules: [{ verbs: ['get'] }] },
        { kind: 'Role', rules: [{ verbs: ['get', 'list'] }] },
      ),
      ['.rules[0].verbs'],
    )
  })

  test('the words of a Secret are compared as the cluster keeps them', () => {
    const found = { kind: 'Secret', data: { key: 'dmFsdWU=' } }
    assert.equal(objectDifferences({ kind: 'Secret', stringData: { key: 'value' } }, found), [])
    assert.equal(objectDifferences({ kind: 'Secret', stringData: { key: 'other' } }, found), ['.data.key'])
  })
})
