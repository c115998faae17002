import { healthProblems } from '../../../tasks/kubernetes/cluster-health.ts'
import { assert, suite } from '../../helpers/suite.ts'

const node = (name: string, status: string, message = '') => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status, message }] },
})

const dns = (ready: string, more: object = {}) => ({
  metadata: { name: 'coredns-1', namespace: 'kube-system' },
  status: { phase: 'Pending', conditions: [{ type: 'Ready', status: ready }], ...more },
})

const problems = (nodes: readonly object[], pods: readonly object[], count: number) =>
  healthProblems(
    new Map([
      ['nodes', JSON.stringify({ items: nodes })],
      ['dns', JSON.stringify({ items: pods })],
    ]),
    { nodes: count },
  )

suite('health of a cluster', (test) => {
  test('nodes that are Ready and DNS that runs are all that is wanted', () => {
    assert.equal(problems([node('a', 'True'), node('b', 'True')], [dns('True')], 2), [])
  })

  test('what is missing or waits is said with its reason', () => {
    const waiting = { containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } }] }
    assert.equal(problems([node('a', 'False', 'cni plugin not initialized')], [dns('False', waiting)], 2), [
      '1 of 2 nodes are not there',
      'node a is not Ready: cni plugin not initialized',
      'Pod kube-system/coredns-1 is Pending: ErrImagePull no such host',
    ])
    assert.equal(problems([node('a', 'True')], [], 1), ['CoreDNS has no Pods'])
  })

  test('an API server that gives no answer is a problem of its own', () => {
    const answers = new Map([['nodes', 'connection refused']])
    assert.equal(healthProblems(answers, { nodes: 1 }), ['the API server does not answer: connection refused'])
  })
})
