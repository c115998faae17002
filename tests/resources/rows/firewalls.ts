import { firewalldRule } from '../../../tasks/system/firewall/firewalld-rule.ts'
import { nftables } from '../../../tasks/system/firewall/nftables.ts'
import { ufwRule } from '../../../tasks/system/firewall/ufw-rule.ts'
import { ufw } from '../../../tasks/system/firewall/ufw.ts'
import { installed } from '../debian-packages.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const content = `chain input {
  type filter hook input priority filter; policy drop;
  ct state established,related accept
  iif lo accept
  tcp dport { 22, 80 } counter accept
}
set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }
`
const listed = `table inet t {
	set seen {
		type ipv4_addr
		flags dynamic,timeout
		timeout 1h
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iif "lo" accept
		tcp dport { 22, 80 } counter accept
	}
}
`
const file = '/etc/nftables.d/inet-t.nft'
const text = `# All of this table is tsplay's: what is changed here is undone by its next run.
table inet t
delete table inet t
table inet t {
${content}}
`
const reset = `nft delete table inet t 2>/dev/null; rm -rf /etc/nftables.d; systemctl -q disable nftables; [ ! -e /srv/nftables.conf ]||cp /srv/nftables.conf /etc/nftables.conf; true`

const nftablesRow: Row = {
  resource: 'nftables',
  slow: 'nft is installed; a host with sshd and sudo tries it in a test of its own',
  cases: [
    {
      name: 'a table',
      prepare: `${installed('nftables')}; if command -v nft >/dev/null;then [ -e /srv/nftables.conf ]||cp /etc/nftables.conf /srv/nftables.conf; nft add table ip others;fi`,
      make: () => nftables({ name: 't', content }),
      drifts: [
        {
          by: 'nft flush chain inet t input; nft add element inet t seen { 192.0.2.1 }',
          sees: [
            {
              field: 'rules',
              before: listed.replace(/(?<=policy drop;\n)(?:\t\t.*\n)*/, ''),
              after: listed,
              text: true,
            },
          ],
        },
        { by: 'nft flush ruleset', sees: [{ field: 'rules', before: undefined, after: listed, text: true }] },
        {
          by: `echo '# x' >>${file}`,
          sees: [{ field: 'content', before: `${text}# x\n`, after: text, text: true }],
        },
        {
          by: 'systemctl -q disable nftables',
          sees: [{ field: 'at boot', before: 'disabled', after: 'enabled' }],
        },
      ],
      undo: () => nftables({ name: 't', state: 'absent' }),
      leaves: /^\/etc\/(?:nftables\.d|nftables\.conf|systemd\/system\/sysinit\.target\.wants(?:\/nftables\.service)?)$/,
      reset,
      hostile: {
        name: { make: (name) => nftables({ name, content }), values: hostileTexts },
        content: {
          make: (it) => nftables({ name: 't', content: it }),
          values: [...hostileTexts, '}\nflush ruleset\ntable inet t {', '}\ntable inet u {'],
          refusal: /nft refuses the rules/,
          reset,
        },
      },
      refusedOn: { busybox: /there is no nft on this host/ },
    },
  ],
}

/** As the package leaves it, and back to that: ufw's own reset keeps copies. */
const blankUfw = `${installed('ufw', 'iptables')}; if command -v ufw >/dev/null;then [ -e /srv/ufw ]||{ cp -a /etc/ufw /srv/ufw;cp -a /etc/default/ufw /srv/ufw.default; };fi`
const resetUfw = `if command -v ufw >/dev/null;then ufw --force disable >/dev/null;rm -rf /etc/ufw;cp -a /srv/ufw /etc/ufw;cp -a /srv/ufw.default /etc/default/ufw;fi`
const noUfw = { busybox: /there is no ufw on this host/ }
const notSet = { field: 'in the kernel', before: 'not as it is set', after: 'as it is set' }
/** They keep when they were last written. */
const ufwFiles = /^\/etc\/(?:ufw|ufw\/(?:user6?\.rules|ufw\.conf)|default|default\/ufw)$/
const database = { rule: 'allow', from: '10.0.0.0/8', port: 5432, proto: 'tcp' } as const

const ufwRow: Row = {
  resource: 'ufw',
  slow: 'ufw and its Python are installed',
  cases: [
    {
      name: 'enabled, with policies',
      prepare: `${blankUfw}; if command -v ufw >/dev/null;then ufw allow 22/tcp >/dev/null;fi`,
      make: () => ufw({ incoming: 'reject', logging: 'off' }),
      drifts: [
        { by: 'iptables -F ufw-user-input', sees: [notSet] },
        { by: 'iptables -P INPUT ACCEPT', sees: [notSet] },
        { by: 'ufw default allow incoming', sees: [{ field: 'incoming', before: 'allow', after: 'reject' }] },
        { by: 'ufw --force disable', sees: [{ field: 'enabled', before: false, after: true }] },
      ],
      undo: () => ufw({ enabled: false, incoming: 'deny', logging: 'low' }),
      leaves: ufwFiles,
      reset: resetUfw,
      refusedOn: noUfw,
    },
  ],
}

const ufwRuleRow: Row = {
  resource: 'ufwRule',
  slow: 'ufw and its Python are installed',
  cases: [
    {
      name: 'while it filters',
      prepare: `${blankUfw}; if command -v ufw >/dev/null;then ufw allow 22/tcp >/dev/null;ufw --force enable >/dev/null;fi`,
      make: () => ufwRule({ ...database, comment: 'the database, Grüße' }),
      drifts: [
        {
          by: "ufw deny proto tcp from 10.0.0.0/8 to any port 5432 comment 'the database, Grüße'",
          sees: [{ field: 'rule', before: 'deny', after: 'allow' }],
        },
        {
          by: 'ufw delete allow proto tcp from 10.0.0.0/8 to any port 5432',
          sees: [{ field: 'rule', before: undefined, after: 'allow' }],
        },
        {
          by: 'ufw allow proto tcp from 10.0.0.0/8 to any port 5432 comment x',
          sees: [{ field: 'comment', before: 'x', after: 'the database, Grüße' }],
        },
        { by: 'iptables -D ufw-user-input 1', sees: [notSet] },
      ],
      undo: () => ufwRule({ ...database, state: 'absent' }),
      leaves: ufwFiles,
      reset: resetUfw,
      hostile: {
        interface: { make: (it) => ufwRule({ ...database, interface: it }), values: hostileTexts },
        from: {
          make: (from) => ufwRule({ ...database, from }),
          values: [...hostileTexts, '10.0.0.1/8', '0.0.0.0/0', '::'],
        },
        port: {
          make: (port) => ufwRule({ ...database, port }),
          values: [...hostileTexts, '0', '9:2', '70000', '1,2,'],
        },
        comment: { make: (comment) => ufwRule({ ...database, comment }), values: hostileTexts },
      },
      refusedOn: noUfw,
    },
    {
      name: 'while it does not, for both families of addresses',
      prepare: blankUfw,
      make: () => ufwRule({ rule: 'limit', interface: 'host0', port: '8000:8100,443', proto: 'tcp' }),
      drifts: [
        {
          by: "sed -i '/tuple/d' /etc/ufw/user6.rules",
          sees: [{ field: 'rule', before: 'limit and none', after: 'limit' }],
        },
      ],
      undo: () => ufwRule({ rule: 'limit', interface: 'host0', port: '443,8000:8100', proto: 'tcp', state: 'absent' }),
      leaves: ufwFiles,
      reset: resetUfw,
      notOn: { busybox: 'there is no ufw' },
    },
  ],
}

const zones = `${installed('firewalld')}; if command -v firewall-cmd >/dev/null;then systemctl start firewalld;fi`
const resetZones =
  'if command -v firewall-cmd >/dev/null;then systemctl start firewalld;rm -f /etc/firewalld/zones/*;firewall-cmd -q --reload;fi'
/** What a zone's file was before is kept beside it. */
const zoneFiles = /^\/etc\/firewalld\/zones(?:\/.*)?$/
const mailRule = 'rule family=ipv4 reject port port=25 protocol=tcp source address=192.0.2.0/24'
const noFirewalld = { busybox: 'there is no firewalld' }

const firewalldRuleRow: Row = {
  resource: 'firewalldRule',
  slow: 'firewalld and its Python are installed',
  cases: [
    {
      name: 'a service',
      prepare: zones,
      make: () => firewalldRule({ service: 'https' }),
      drifts: [
        { by: 'firewall-cmd -q --remove-service=https', sees: [{ field: 'runtime', before: false, after: true }] },
        {
          by: 'firewall-cmd -q --permanent --remove-service=https',
          sees: [{ field: 'permanent', before: false, after: true }],
        },
      ],
      undo: () => firewalldRule({ service: 'https', state: 'absent' }),
      leaves: zoneFiles,
      reset: resetZones,
      hostile: {
        service: { make: (service) => firewalldRule({ service }), values: hostileTexts, refusal: /INVALID_SERVICE/ },
        zone: { make: (zone) => firewalldRule({ service: 'https', zone }), values: hostileTexts, refusal: /no zone/ },
        interface: { make: (it) => firewalldRule({ interface: it }), values: hostileTexts, refusal: /INVALID/ },
        source: { make: (source) => firewalldRule({ source }), values: [...hostileTexts, '::::'], refusal: /INVALID/ },
        richRule: {
          make: (it) => firewalldRule({ richRule: it }),
          values: [...hostileTexts, 'rule $(touch /tmp/owned)', 'rule accept accept', 'rule service name=nix accept'],
          refusal: /INVALID/,
        },
        prefix: {
          make: (it) => firewalldRule({ richRule: `rule service name="http" log prefix="${it}" accept` }),
          values: hostileTexts,
          refusal: /INVALID/,
          reset: resetZones,
        },
      },
      refusedOn: { busybox: /there is no firewalld on this host/ },
    },
    {
      name: 'a rich rule in a zone',
      prepare: zones,
      make: () => firewalldRule({ richRule: mailRule, zone: 'internal' }),
      undo: () => firewalldRule({ richRule: mailRule, zone: 'internal', state: 'absent' }),
      leaves: zoneFiles,
      reset: resetZones,
      not: { d: 'it is written as a service is' },
      notOn: noFirewalld,
    },
    {
      name: 'a source that another zone has',
      prepare: `${zones}; if command -v firewall-cmd >/dev/null;then for p in '' --permanent;do firewall-cmd -q $p --zone=work --add-source=2001:DB8::0/32;done;fi`,
      make: () => firewalldRule({ source: '2001:db8::/32', zone: 'internal' }),
      reset: resetZones,
      not: { d: 'it is written as a service is', e: 'the zone that had it is not known any more' },
      notOn: noFirewalld,
    },
    {
      name: 'what is forwarded, until the next reload',
      prepare: zones,
      make: () => firewalldRule({ forwardPort: { port: 80, proto: 'tcp', toPort: 8080 }, scope: 'runtime' }),
      drifts: [{ by: 'firewall-cmd -q --reload', sees: [{ field: 'runtime', before: false, after: true }] }],
      undo: () =>
        firewalldRule({ forwardPort: { port: 80, proto: 'tcp', toPort: 8080 }, scope: 'runtime', state: 'absent' }),
      reset: resetZones,
      not: { d: 'it is said as a service is' },
      notOn: noFirewalld,
    },
    {
      name: 'a service while firewalld does not run',
      prepare: `${zones}; if command -v firewall-cmd >/dev/null;then systemctl stop firewalld;fi`,
      make: () => firewalldRule({ service: 'https', scope: 'permanent' }),
      undo: () => firewalldRule({ service: 'https', scope: 'permanent', state: 'absent' }),
      leaves: zoneFiles,
      reset: resetZones,
      notOn: noFirewalld,
    },
  ],
}

export const firewallRows: readonly Row[] = [nftablesRow, ufwRow, ufwRuleRow, firewalldRuleRow]
