import { nftables } from '../../../tasks/system/firewall/nftables.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

/** From Debian's own repository, whose lists are kept apart from those that other rows are about. */
const install = (...names: readonly string[]) =>
  `if [ -d /var/lib/dpkg ];then apt() { apt-get -qq -o Dir::State::lists=/run/lists -o Dir::Cache=/run/cache -o Dpkg::Options::=--force-unsafe-io "$@";}
dpkg -s ${names.join(' ')} >/dev/null 2>&1||{ mkdir -p /run/lists/partial /run/cache; apt update; DEBIAN_FRONTEND=noninteractive apt -y install --no-install-recommends ${names.join(' ')} >/dev/null 2>&1 </dev/null;};fi`

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
  cases: [
    {
      name: 'a table',
      prepare: `${install('nftables')}; if command -v nft >/dev/null;then [ -e /srv/nftables.conf ]||cp /etc/nftables.conf /srv/nftables.conf; nft add table ip others;fi`,
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

export const firewallRows: readonly Row[] = [nftablesRow]
