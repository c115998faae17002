import { parseAllDocuments } from 'yaml'
import type { Documents } from '../../../tasks/kubernetes/config/documents.ts'
import { renderDocuments } from '../../../tasks/kubernetes/config/render.ts'
import { assert, suite } from '../../helpers/suite.ts'

const parsed = (text: string) => {
  const documents = parseAllDocuments(text)
  return 'empty' in documents ? [] : documents.map((document) => document.toJS() as Record<string, unknown>)
}

const documents: Documents = {
  InitConfiguration: {
    nodeRegistration: { criSocket: '/run/containerd/containerd.sock', kubeletExtraArgs: [{ name: 'v', value: '2' }] },
  },
  ClusterConfiguration: {
    kubernetesVersion: 'v1.20.2',
    networking: { podSubnet: '10.244.0.0/16' },
    apiServer: { extraArgs: [{ name: 'profiling', value: 'false' }], certSANs: ['api.example'] },
  },
  KubeletConfiguration: { cgroupDriver: 'cgroupfs' },
  KubeProxyConfiguration: { conntrack: { maxPerCore: 0, min: 0 } },
}

suite("kubeadm's configuration", (test) => {
  test('flags are maps before v1beta4, and lists from then on', () => {
    const [oldInit, oldCluster] = parsed(renderDocuments('v1beta2', documents))
    assert.is(oldInit?.['apiVersion'], 'kubeadm.k8s.io/v1beta2')
    assert.equal(oldInit?.['nodeRegistration'], {
      criSocket: '/run/containerd/containerd.sock',
      kubeletExtraArgs: { v: '2' },
    })
    assert.equal(oldCluster?.['apiServer'], { extraArgs: { profiling: 'false' }, certSANs: ['api.example'] })
    const [, cluster] = parsed(renderDocuments('v1beta4', documents))
    assert.equal(cluster?.['apiServer'], {
      extraArgs: [{ name: 'profiling', value: 'false' }],
      certSANs: ['api.example'],
    })
  })

  test('the documents of the kubelet and of kube-proxy keep their own forms', () => {
    const [, , kubelet, proxy] = parsed(renderDocuments('v1beta3', documents))
    assert.equal(kubelet, {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'cgroupfs',
    })
    assert.is(proxy?.['apiVersion'], 'kubeproxy.config.k8s.io/v1alpha1')
  })

  test('what an older form does not know is refused, not dropped', () => {
    const refused = (given: Documents, api: 'v1beta2' | 'v1beta3') => {
      assert.throws(() => renderDocuments(api, given), /is known from v1beta/)
      renderDocuments('v1beta4', given)
    }
    refused({ InitConfiguration: { timeouts: { discovery: '5m0s' } } }, 'v1beta3')
    refused({ InitConfiguration: { skipPhases: ['addon/kube-proxy'] } }, 'v1beta2')
    refused({ ClusterConfiguration: { kubernetesVersion: 'v1.30.0', proxy: { disabled: true } } }, 'v1beta3')
    refused({ InitConfiguration: { nodeRegistration: { imagePullPolicy: 'Never' } } }, 'v1beta2')
    const twice = [
      { name: 'v', value: '1' },
      { name: 'v', value: '2' },
    ]
    assert.throws(
      () => renderDocuments('v1beta3', { InitConfiguration: { nodeRegistration: { kubeletExtraArgs: twice } } }),
      /given twice/,
    )
  })

  test('no taints and no word of taints are two things', () => {
    const taints = (given: Documents) => parsed(renderDocuments('v1beta4', given))[0]?.['nodeRegistration']
    assert.equal(taints({ InitConfiguration: { nodeRegistration: { taints: [] } } }), { taints: [] })
    assert.equal(taints({ InitConfiguration: { nodeRegistration: { taints: undefined } } }), {})
  })

  test('as JSON each document is one line, between lines that separate them', () => {
    const lines = renderDocuments('v1beta2', documents, 'json').trim().split('\n')
    assert.equal(
      lines.filter((_, i) => i % 2 === 1),
      ['---', '---', '---'],
    )
    assert.equal(parsed(lines.join('\n')), parsed(renderDocuments('v1beta2', documents)))
  })
})
