import { firewalldAdmits } from '../../../../tasks/system/firewall/firewalld-admits.ts'
import { parseFirewalld } from '../../../../tasks/system/firewall/firewalld-state.ts'
import { parseRichRule, richRuleText } from '../../../../tasks/system/firewall/rich-rule.ts'
import type { SshConnection } from '../../../../tasks/system/firewall/ssh-connection.ts'
import { assert, suite } from '../../../helpers/suite.ts'

const connection: SshConnection = { client: '192.0.2.7', server: '198.51.100.1', port: 22, device: 'eth0' }

/** As firewall-cmd 1.3 prints a zone. */
const zone = (name: string, lines: Readonly<Record<string, string>> = {}, rich: readonly string[] = []) => `${name}
  target: ${lines['target'] ?? 'default'}
  icmp-block-inversion: no
  interfaces: ${lines['interfaces'] ?? ''}
  sources: ${lines['sources'] ?? ''}
  services: ${lines['services'] ?? ''}
  ports: ${lines['ports'] ?? ''}
  protocols: 
  forward: yes
  masquerade: no
  forward-ports: ${lines['forward'] === undefined ? '' : `\n\t${lines['forward']}`}
  source-ports: 
  icmp-blocks: 
  rich rules: ${rich.map((rule) => `\n\t${rule}`).join('')}
`

const told = (...zones: readonly string[]) => {
  const lines = zones.join('\n').trimEnd().split('\n')
  const marked = (mark: string) => lines.map((line) => `${mark}${line}\n`).join('')
  return parseFirewalld(`running
default public
${marked('r')}${marked('p')}sssh 22
sadmin 80
sadmin
sadmin 20-30
end
`)
}

const admits = (...zones: readonly string[]) => {
  const state = told(...zones)
  return firewalldAdmits(state.runtime, state, connection)
}

suite('firewalld', (test) => {
  test('its zones are read, with what they have several of', () => {
    const rule = 'rule family="ipv4" source address="10.0.0.0/8" accept'
    const forward = 'port=80:proto=tcp:toport=8080:toaddr='
    const { runtime, services } = told(
      zone('dmz'),
      zone('public (active)', { services: 'ssh dhcpv6-client', ports: '80/tcp 8000-8100/udp', forward }, [rule]),
    )
    assert.equal(
      runtime.map(({ name, services: has, ports, forwardPorts, richRules }) => [
        name,
        has,
        ports,
        forwardPorts,
        richRules,
      ]),
      [
        ['dmz', [], [], [], []],
        ['public', ['dhcpv6-client', 'ssh'], ['80/tcp', '8000-8100/udp'], [forward], [rule]],
      ],
    )
    assert.equal(services, { ssh: ['22'], admin: ['20-30'] })
  })

  test('an answer that breaks off is none', () => {
    assert.throws(() => parseFirewalld('running\ndefault public\nrpublic\n'), /firewalld/)
  })

  test('a connection is judged by the zone of its source, then of its interface, then by the default one', () => {
    const open = zone('public', { services: 'ssh' })
    assert.is(admits(open), true)
    assert.is(admits(open, zone('drop', { sources: '192.0.2.0/24', target: 'DROP' })), false)
    assert.is(admits(open, zone('drop', { sources: '10.0.0.0/8', target: 'DROP' })), true)
    assert.is(admits(open, zone('drop', { interfaces: 'eth0' })), false)
    assert.is(admits(open, zone('drop', { interfaces: 'eth1' })), true)
  })

  test('a port, a range, a service with the port and a zone that accepts everything let it in; others do not', () => {
    for (const lines of [{ ports: '22/tcp' }, { ports: '20-30/tcp' }, { target: 'ACCEPT' }, { services: 'admin' }]) {
      assert.is(admits(zone('public', lines)), true)
    }
    const shut = [{ ports: '22/udp' }, { ports: '2222/tcp' }, { services: 'http' }]
    for (const lines of [...shut, { services: 'ssh', forward: 'port=22:proto=tcp:toport=2222:toaddr=' }]) {
      assert.is(admits(zone('public', lines)), false)
    }
  })

  test('rich rules count in the order of their priorities, and what they deny before what is let in', () => {
    const open = (...rules: readonly string[]) => admits(zone('public', { services: 'ssh' }, rules))
    assert.is(open('rule family="ipv4" source address="192.0.2.0/24" reject'), false)
    assert.is(open('rule family="ipv4" source NOT address="192.0.2.0/24" reject'), true)
    assert.is(open('rule family="ipv6" source address="2001:db8::/32" drop'), true)
    assert.is(open('rule service name="ssh" drop'), false)
    assert.is(open('rule port port="80" protocol="tcp" drop'), true)
    assert.is(open('rule family="ipv4" source mac="00:11:22:33:44:55" drop'), true)
    assert.is(open('rule service name="ssh" reject limit value="1/m"'), true)
    assert.is(open('rule priority="-1" service name="ssh" accept', 'rule service name="ssh" drop'), true)
    assert.is(open('rule priority="5" service name="ssh" drop'), true)
    assert.is(admits(zone('public', {}, ['rule priority="5" protocol value="tcp" accept'])), true)
  })

  test('a rich rule is written as firewalld writes it', () => {
    const written = (text: string) => richRuleText(parseRichRule(text))
    assert.is(
      written(
        'rule family=ipv4 reject type=icmp-admin-prohibited log limit value=3/minute  level=info prefix="a b" service name=ssh source not address=192.0.2.0/24',
      ),
      'rule family="ipv4" source NOT address="192.0.2.0/24" service name="ssh" log prefix="a b" level="info" limit value="3/m" reject type="icmp-admin-prohibited"',
    )
    assert.is(
      written("rule priority='0' forward-port port=80 protocol=tcp to-port=81"),
      'rule forward-port port="80" protocol="tcp" to-port="81"',
    )
    assert.is(
      written('rule priority=-5 service name=http mark set=0x5'),
      'rule priority="-5" service name="http" mark set=0x5',
    )
  })

  test('a rule that is none is refused with what is wrong about it', () => {
    for (const [text, message] of [
      ['accept', /is none/],
      ['rule nothing', /can not have nothing there/],
      ['rule accept accept', /can not have accept there/],
      ['rule source name="x" accept', /can not have name there/],
      ['rule service name="a"b accept', /not clear at/],
      ['rule accept limit', /limit without a value/],
      ['rule priority=high accept', /no number/],
    ] as const) {
      assert.throws(() => parseRichRule(text), message)
    }
  })
})
