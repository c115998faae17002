import { admits } from '../../../../tasks/system/firewall/nft-admits.ts'
import type { NftObject, NftStatement } from '../../../../tasks/system/firewall/nft-objects.ts'
import type { SshConnection } from '../../../../tasks/system/firewall/ssh-connection.ts'
import { assert, suite } from '../../../helpers/suite.ts'

const from4: SshConnection = { client: '192.0.2.7', server: '198.51.100.1', port: 22 }
const from6: SshConnection = { client: '2001:db8::7', server: '2001:db8::1', port: 22 }

type Expr = readonly NftStatement[]

/** A table whose input chain has these rules, as `nft -j` tells of it, and drops what none of them takes. */
const table = (rules: readonly Expr[], more: readonly NftObject[] = [], policy = 'drop'): readonly NftObject[] => [
  { table: { family: 'inet' } },
  ...more,
  { chain: { name: 'input', hook: 'input', policy } },
  ...rules.map((expr) => ({ rule: { chain: 'input', expr } })),
]

const accept = { accept: null }
const drop = { drop: null }
const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } })
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } })
const dport = (right: unknown, op?: string) => match(payload('tcp', 'dport'), right, op)
const established = match({ ct: { key: 'state' } }, ['established', 'related'], 'in')

suite('rules that could lock out whoever sets them', (test) => {
  const shut: Record<string, readonly NftObject[]> = {
    'nothing but what is established': table([[established, accept]]),
    'the loopback alone': table([[match({ meta: { key: 'iif' } }, 'lo'), accept]]),
    'another port': table([[dport(443), accept]]),
    'other ports': table([[dport({ set: [80, { range: [8000, 8100] }] }), accept]]),
    'all ports but this one': table([[dport(22, '!='), accept]]),
    'another network': table([
      [match(payload('ip', 'saddr'), { prefix: { addr: '10.0.0.0', len: 8 } }), dport(22), accept],
    ]),
    'another protocol': table([[match(payload('udp', 'dport'), 22), accept]]),
    'ping alone': table([[match({ meta: { key: 'l4proto' } }, { set: ['icmp', 'ipv6-icmp'] }), accept]]),
    'a drop that comes first': table([[dport(22), drop], [accept]]),
    'a reject under a policy of accept': table([[{ reject: null }]], [], 'accept'),
    'a map of states without new ones': table([
      [
        {
          vmap: {
            key: { ct: { key: 'state' } },
            data: {
              set: [
                ['established', accept],
                ['invalid', drop],
              ],
            },
          },
        },
      ],
    ]),
    'a set without it': table(
      [[match(payload('ip', 'saddr'), '@admins'), accept]],
      [{ set: { name: 'admins', elem: ['192.0.2.8', { prefix: { addr: '10.0.0.0', len: 8 } }] } }],
    ),
    'a chain that accepts something else': table(
      [[{ jump: { target: 'web' } }]],
      [{ chain: { name: 'web' } }, { rule: { chain: 'web', expr: [dport(443), accept] } }],
    ),
  }
  for (const [name, objects] of Object.entries(shut)) {
    test(`${name}: refused`, () => {
      assert.equal(admits(objects, from4), false)
    })
  }

  const open: Record<string, readonly NftObject[]> = {
    'no rules at all': table([], [], 'accept'),
    'its port': table([
      [established, accept],
      [dport(22), { counter: { packets: 0, bytes: 0 } }, accept],
    ]),
    'its port among others': table([[dport({ set: [80, { range: [20, 25] }] }), accept]]),
    'everything but another port': table([[dport(443, '!='), accept]]),
    'its network': table([
      [match(payload('ip', 'saddr'), { prefix: { addr: '192.0.2.0', len: 24 } }), dport(22), accept],
    ]),
    'a range with it': table([[match(payload('ip', 'saddr'), { range: ['192.0.2.1', '192.0.2.9'] }), accept]]),
    'an interface that may be its own': table([[match({ meta: { key: 'iifname' } }, 'eth0'), accept]]),
    'a rate': table([[dport(22), { limit: { rate: 15, per: 'minute' } }, accept]]),
    'a map of ports': table([[{ vmap: { key: payload('tcp', 'dport'), data: { set: [[22, accept]] } } }]]),
    'a set that changes': table(
      [[match(payload('ip', 'saddr'), '@admins'), accept]],
      [{ set: { name: 'admins', flags: ['timeout'] } }],
    ),
    'a block list that may not hold it': table([
      [match(payload('ip', 'saddr'), '@bad'), drop],
      [dport(22), accept],
    ]),
    'a chain that accepts it': table(
      [[{ jump: { target: 'ssh' } }]],
      [{ chain: { name: 'ssh' } }, { rule: { chain: 'ssh', expr: [dport(22), accept] } }],
    ),
    'another family': [{ table: { family: 'ip6' } }, { chain: { name: 'input', hook: 'input', policy: 'drop' } }],
  }
  for (const [name, objects] of Object.entries(open)) {
    test(`${name}: let in`, () => {
      assert.equal(admits(objects, from4), true)
    })
  }

  test('addresses of IPv6 are compared as addresses', () => {
    const of = (right: unknown) => table([[match(payload('ip6', 'saddr'), right), accept]])
    assert.equal(admits(of('2001:db8:0::7'), from6), true)
    assert.equal(admits(of({ prefix: { addr: '2001:db8::', len: 32 } }), from6), true)
    assert.equal(admits(of('2001:db8::8'), from6), false)
    assert.equal(admits(of('2001:db8::7'), from4), false)
  })

  test('chains that jump to each other end', () => {
    const loop = [{ chain: { name: 'a' } }, { rule: { chain: 'a', expr: [{ jump: { target: 'a' } }] } }]
    assert.equal(admits(table([[{ jump: { target: 'a' } }]], loop), from4), false)
  })
})
