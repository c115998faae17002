import { markChanges, parseMarks } from '../../../tasks/kubernetes/node-marks.ts'
import { assert, suite } from '../../helpers/suite.ts'

const node = {
  metadata: { labels: { 'example.com/rack': 'r1', 'kubernetes.io/hostname': 'cp1' } },
  spec: {
    taints: [
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
      { key: 'example.com/gpu', value: 'yes', effect: 'NoSchedule' },
    ],
  },
}
const found = parseMarks(JSON.stringify(node)) ?? { labels: {}, taints: [] }

suite('labels and taints of a node', (test) => {
  test('what is as it should be, and what is not spoken of, is left alone', () => {
    assert.equal(markChanges({ node: 'cp1' }, found), [])
    assert.equal(markChanges({ node: 'cp1', labels: { 'example.com/rack': 'r1', 'example.com/no': null } }, found), [])
    const taints = [
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      { key: 'example.com/gpu', value: 'yes', effect: 'NoSchedule' },
    ] as const
    assert.equal(markChanges({ node: 'cp1', taints }, found), [])
  })

  test('labels are set and taken away one by one', () => {
    const labels = { 'example.com/rack': 'r2', 'example.com/zone': 'a', 'kubernetes.io/hostname': null }
    assert.equal(markChanges({ node: 'cp1', labels }, found), [
      { field: 'label example.com/rack', before: 'r1', after: 'r2' },
      { field: 'label example.com/zone', before: undefined, after: 'a' },
      { field: 'label kubernetes.io/hostname', before: 'cp1', after: undefined },
    ])
  })

  test('taints are all that are asked for, and those that Kubernetes sets by how the node is', () => {
    assert.equal(
      markChanges({ node: 'cp1', taints: [{ key: 'example.com/gpu', value: 'no', effect: 'NoSchedule' }] }, found),
      [
        { field: 'taint example.com/gpu=no:NoSchedule', before: undefined, after: 'set' },
        { field: 'taint node-role.kubernetes.io/control-plane:NoSchedule', before: 'set', after: undefined },
        { field: 'taint example.com/gpu=yes:NoSchedule', before: 'set', after: undefined },
      ],
    )
  })

  test('a node that the cluster does not know is told apart from an API that does not answer', () => {
    assert.is(parseMarks('Error from server (NotFound): nodes "w9" not found\n'), undefined)
    assert.throws(() => parseMarks('The connection to the server was refused'), /did not give the node/)
  })
})
