import { inventory, inventoryNames } from '../../inventory/define.ts'
import type { GroupNames, HostNames } from '../../inventory/define.ts'
import { assert, suite } from '../helpers/suite.ts'

const hosts = inventory({
  all: { vars: { dns: '10.0.0.1' } },
  k8s: {
    children: {
      control_plane: { hosts: { cp1: { ansible_host: '10.0.0.2' } } },
      workers: { hosts: { 'w[1:3]': {}, spare: null }, vars: { role: 'worker' } },
    },
  },
})

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
const groupsAreLiterals: Same<GroupNames<typeof hosts>, 'all' | 'k8s' | 'control_plane' | 'workers'> = true
const hostsAreLiterals: Same<HostNames<typeof hosts>, 'cp1' | 'w[1:3]' | 'spare'> = true

// @ts-expect-error: a group has no key of that name
inventory({ web: { host: { web1: {} } } })
// @ts-expect-error: nor has a nested one
inventory({ web: { children: { eu: { host: { web1: {} } } } } })
// @ts-expect-error: hosts are keys, not a list
inventory({ web: { hosts: ['web1'] } })

suite('inventory()', (test) => {
  test('gives the shape back, with group and host names as literal types', () => {
    assert.ok(groupsAreLiterals && hostsAreLiterals)
    assert.is(hosts.k8s.children.workers.vars.role, 'worker')
    const names: readonly (GroupNames<typeof hosts> | HostNames<typeof hosts>)[] = inventoryNames(hosts)
    assert.equal(names, ['all', 'k8s', 'control_plane', 'cp1', 'workers', 'w[1:3]', 'spare'])
  })
})
