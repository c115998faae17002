import { hostOf } from '../../../tasks/kubernetes/endpoint-name.ts'
import { assert, suite } from '../../helpers/suite.ts'

suite("the control plane's endpoint", (test) => {
  test('its name is what stands before the port', () => {
    assert.is(hostOf('k8s.example'), 'k8s.example')
    assert.is(hostOf('k8s.example:6443'), 'k8s.example')
    assert.is(hostOf('192.0.2.1:6443'), '192.0.2.1')
    assert.is(hostOf('[2001:db8::1]:6443'), '2001:db8::1')
    assert.is(hostOf('2001:db8::1'), '2001:db8::1')
  })
})
