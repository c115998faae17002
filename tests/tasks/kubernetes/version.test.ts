import { configApi, kubernetesVersion, sandboxImage, skewProblem } from '../../../tasks/kubernetes/version.ts'
import { assert, suite } from '../../helpers/suite.ts'

const api = (text: string) => configApi(kubernetesVersion(text))

suite('versions of Kubernetes', (test) => {
  test('each kubeadm is written to in the newest form that it reads', () => {
    assert.equal(['1.15.0', '1.21.14', '1.22.0', '1.30.9', '1.31.0', '1.37.2'].map(api), [
      'v1beta2',
      'v1beta2',
      'v1beta3',
      'v1beta3',
      'v1beta4',
      'v1beta4',
    ])
    assert.throws(() => api('1.14.9'), /1\.15 is the oldest/)
  })

  test('a version has three numbers', () => {
    assert.is(kubernetesVersion('v1.31.4').text, 'v1.31.4')
    assert.is(kubernetesVersion('1.38.0-alpha.1').text, 'v1.38.0-alpha.1')
    for (const wrong of ['1.31', 'stable', '', '1.31.x'])
      assert.throws(() => kubernetesVersion(wrong), /no whole version/)
  })

  test('kubeadm makes clusters of its own minor version and of the one before', () => {
    const problem = (kubeadm: string, wanted: string) =>
      skewProblem(kubernetesVersion(kubeadm), kubernetesVersion(wanted)) !== undefined
    assert.not(problem('1.31.4', '1.31.4'))
    assert.not(problem('1.31.4', '1.31.2'))
    assert.not(problem('1.31.4', '1.30.9'))
    assert.ok(problem('1.31.4', '1.31.5'))
    assert.ok(problem('1.31.4', '1.32.0'))
    assert.ok(problem('1.31.4', '1.29.9'))
  })

  test('the sandbox image is the one that kubeadm of that version expects', () => {
    assert.is(sandboxImage(kubernetesVersion('1.20.2')), 'k8s.gcr.io/pause:3.2')
    assert.is(sandboxImage(kubernetesVersion('1.25.0')), 'registry.k8s.io/pause:3.8')
    assert.is(sandboxImage(kubernetesVersion('1.31.4'), 'mirror.example/k8s'), 'mirror.example/k8s/pause:3.10')
  })
})
