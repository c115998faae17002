import { cidrs, freeRange, overlaps } from '../../../tasks/kubernetes/cidr.ts'
import { assert, suite } from '../../helpers/suite.ts'

suite('ranges of addresses', (test) => {
  test('ranges overlap when one lies in the other, in either order, and never across families', () => {
    assert.ok(overlaps('10.0.0.0/8', '10.244.0.0/16'))
    assert.ok(overlaps('10.244.0.0/16', '10.0.0.0/8'))
    assert.ok(overlaps('192.168.8.7/24', '192.168.8.200/32'))
    assert.not(overlaps('10.244.0.0/16', '10.245.0.0/16'))
    assert.not(overlaps('::/0', '10.0.0.0/8'))
    assert.ok(overlaps('2001:db8::/32', '2001:db8:42::/48'))
  })

  test('a free range is one that overlaps nothing that is taken', () => {
    assert.is(freeRange(16, []), '10.244.0.0/16')
    const free = freeRange(16, ['10.0.0.0/8'])
    assert.ok(free !== undefined && !overlaps(free, '10.0.0.0/8'))
    assert.is(freeRange(16, ['10.0.0.0/8', '172.16.0.0/12']), undefined)
  })

  test('a subnet is one range, or two with a comma', () => {
    assert.equal(cidrs('podSubnet', '10.244.0.0/16, 2001:db8:42::/56'), ['10.244.0.0/16', '2001:db8:42::/56'])
    assert.throws(() => cidrs('podSubnet', '10.244.0.0'), /podSubnet.*no range/)
  })
})
