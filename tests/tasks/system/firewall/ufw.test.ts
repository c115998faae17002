import type { SshConnection } from '../../../../tasks/system/firewall/ssh-connection.ts'
import { ufwAdmits } from '../../../../tasks/system/firewall/ufw-admits.ts'
import { parseUfw } from '../../../../tasks/system/firewall/ufw-state.ts'
import { ufwRule } from '../../../../tasks/system/firewall/ufw-rule.ts'
import { assert, suite } from '../../../helpers/suite.ts'

const from4: SshConnection = { client: '192.0.2.7', server: '198.51.100.1', port: 22 }
const from6: SshConnection = { client: '2001:db8::7', server: '2001:db8::1', port: 22 }

/** What the host says of an ufw with these tuples, which is not enabled. */
const ufwWith = (tuples: readonly string[], six: readonly string[] = [], policy = 'DROP') =>
  parseUfw(`installed
readable
DEFAULT_INPUT_POLICY="${policy}"
IPV6=yes
ENABLED=no
${tuples.map((it) => `/etc/ufw/user.rules:### tuple ### ${it}\n`).join('')}${six.map((it) => `/etc/ufw/user6.rules:### tuple ### ${it}\n`).join('')}end
`)

const any = '0.0.0.0/0'

suite('ufw', (test) => {
  test('its files tell rules with interfaces, comments and profiles', () => {
    const { rules } = ufwWith([
      `limit tcp 80:90 ${any} any ${any} in_host0 comment=4772c3bcc39f65`,
      `allow tcp 22 ${any} any ${any} OpenSSH - in`,
    ])
    assert.equal(
      rules.map(({ action, port, way, app, comment }) => [action, port, way, app, comment]),
      [
        ['limit', '80:90', 'in_host0', undefined, 'Grüße'],
        ['allow', '22', 'in', 'OpenSSH', undefined],
      ],
    )
  })

  test('one whose kernel has fewer rules than its files is not loaded', () => {
    const told = (how: string, policy: string) =>
      parseUfw(`installed\nreadable\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="DROP"
IPV6=no\nENABLED=yes\nkernel v4 ${how} INPUT=${policy} FORWARD=DROP OUTPUT=ACCEPT\nend\n`).loaded
    assert.equal([told('whole', 'DROP'), told('part', 'DROP'), told('whole', 'ACCEPT')], [true, false, false])
  })

  const shut = [
    [],
    [`allow tcp 443 ${any} any ${any} in`],
    [`allow udp 22 ${any} any ${any} in`],
    [`allow tcp 22 ${any} any ${any} out`],
    [`allow tcp 22 ${any} any 10.0.0.0/8 in`],
    [`deny tcp 22 ${any} any ${any} in`, `allow tcp 22 ${any} any ${any} in`],
    [`route:allow tcp 22 ${any} any ${any} in`],
  ]
  for (const tuples of shut) {
    test(`does not let SSH in by: ${tuples.join('; ')}`, () => {
      assert.equal(ufwAdmits(ufwWith(tuples), from4), false)
    })
  }

  const open = [
    [`allow tcp 22 ${any} any ${any} in`],
    [`limit any any ${any} any 192.0.2.0/24 in`],
    [`allow_log tcp 20:25,80 ${any} any ${any} in_eth0`],
    [`deny tcp 22 ${any} any 10.0.0.0/8 in`, `allow tcp 22 ${any} any ${any} OpenSSH - in`],
  ]
  for (const tuples of open) {
    test(`lets SSH in by: ${tuples.join('; ')}`, () => {
      assert.equal(ufwAdmits(ufwWith(tuples), from4), true)
    })
  }

  test('rules of one family say nothing of the other', () => {
    const rule = `allow tcp 22 ${any} any ${any} in`
    assert.equal(ufwAdmits(ufwWith([rule]), from6), false)
    assert.equal(ufwAdmits(ufwWith([rule], ['allow tcp 22 ::/0 any 2001:db8::/32 in']), from6), true)
  })

  test('a network with bits of a host names the network that was meant', () => {
    assert.throws(() => ufwRule({ rule: 'allow', from: '10.1.2.3/8' }), /an address in 10\.0\.0\.0\/8/)
    assert.throws(() => ufwRule({ rule: 'allow', from: '10.0.0.1', to: '2001:db8::1' }), /one family/)
  })
})
