import { Secret } from '../../../runner/model/secret.ts'
import { networkFile } from '../../../tasks/system/networkd/network-file.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const folder = '/etc/systemd/network'

/**
 * A bridge, since not every kernel has the module dummy. The link by which a host is reached is left alone by systemd-networkd;
 * and no udev runs here, without which it waits for ever for links, unless /sys can not be written to.
 */
const bridge = `mkdir -p ${folder}
printf '[Match]\\nName=host0\\n[Link]\\nUnmanaged=yes\\n' >${folder}/05-host0.network
printf '[NetDev]\\nName=br-t\\nKind=bridge\\n' >${folder}/10-br-t.netdev`
const runs = `[ ! -d /run/systemd/system ]||{ ${bridge}
mount -o remount,bind,ro /sys
systemctl start systemd-networkd; }`
/** What networkd does once it has read its files takes a moment. */
const hasAddress = (address: string) =>
  `[ ! -d /run/systemd/system ]||{ for i in $(seq 50);do ip -o -4 address show dev br-t|grep -q ' ${address} '&&break; sleep 0.1;done
ip -o -4 address show dev br-t|grep -q ' ${address} '||exit 1; ip -o -4 address show dev br-t|awk '{print $4}'; }`
const reset = `rm -rf ${folder}/*-t.network* ${folder}/*-t.netdev* ${folder}/*-t.link*
[ ! -d /run/systemd/system ]||{ systemctl stop systemd-networkd.socket systemd-networkd; ip link delete br-t 2>/dev/null
rm -f ${folder}/05-host0.network; systemctl reset-failed systemd-networkd 2>/dev/null; true; }`
/** The third is the question whether systemd-networkd runs, and its reload, at the end of the body. */
const settling = { changedTrips: 3 }

const lan = {
  name: '20-t.network',
  sections: {
    Match: { Name: 'br-t' },
    Network: { ConfigureWithoutCarrier: true, LinkLocalAddressing: 'no', IPv6AcceptRA: false },
    Address: [{ Address: '192.0.2.1/24' }, { Address: '192.0.2.2/24' }],
  },
}
const lanText = `[Match]
Name=br-t

[Network]
ConfigureWithoutCarrier=yes
LinkLocalAddressing=no
IPv6AcceptRA=no

[Address]
Address=192.0.2.1/24

[Address]
Address=192.0.2.2/24
`

const wireguard = (key: string) => ({
  name: '30-t.netdev',
  sections: { NetDev: { Name: 'wg-t', Kind: 'wireguard' }, WireGuard: { PrivateKey: new Secret(key) } },
})

export const networkFileRow: Row = {
  resource: 'networkFile',
  cases: [
    {
      name: 'addresses of a link',
      prepare: runs,
      make: () => networkFile(lan),
      ...settling,
      holds: hasAddress('192.0.2.1/24'),
      drifts: [
        {
          by: `sed -i s/2.1/2.9/ ${folder}/20-t.network`,
          sees: [{ field: 'content', before: lanText.replace('2.1', '2.9'), after: lanText, text: true }],
        },
        { by: `chmod 600 ${folder}/20-t.network`, sees: [{ field: 'mode', before: '0600', after: '0644' }] },
        {
          by: `rm ${folder}/20-t.network`,
          sees: [
            { field: 'content', before: undefined, after: lanText, text: true },
            { field: 'mode', before: undefined, after: '0644' },
            { field: 'owner', before: undefined, after: 'root' },
            { field: 'group', before: undefined, after: 'root' },
          ],
        },
      ],
      undo: () => networkFile({ name: lan.name, state: 'absent' }),
      leaves: /^\/etc\/systemd(?:\/network)?$/,
      reset,
      hostile: {
        name: { make: (name) => networkFile({ ...lan, name }), values: [...hostileTexts, 'lan', '../t.network'] },
        'name before its suffix': {
          make: (name) => networkFile({ ...lan, name: `${name}.network` }),
          values: hostileTexts,
        },
        dropIn: { make: (dropIn) => networkFile({ ...lan, dropIn }), values: hostileTexts },
        section: {
          make: (name) => networkFile({ ...lan, sections: { [name]: { Name: 'br-t' } } }),
          values: [...hostileTexts, 'Match]', '[Match'],
        },
        key: {
          make: (key) => networkFile({ ...lan, sections: { Match: { [key]: 'x' } } }),
          values: [...hostileTexts, 'Name=', 'Na me'],
        },
        value: {
          make: (Description) =>
            networkFile({ ...lan, sections: { Match: { Name: 'br-none' }, Network: { Description } } }),
          values: hostileTexts,
          reads: () => `cat ${folder}/20-t.network`,
          gives: (value) => `[Match]\nName=br-none\n\n[Network]\nDescription=${value}\n`,
        },
        content: {
          make: (text) => networkFile({ name: lan.name, content: `[Match]\nName=br-none\n#${text}` }),
          values: hostileTexts,
          reads: () => `cat ${folder}/20-t.network`,
          gives: (text) => `[Match]\nName=br-none\n#${text}${text.endsWith('\n') ? '' : '\n'}`,
        },
      },
    },
    {
      name: 'a drop-in of another file',
      prepare: `${runs}; mkdir -p ${folder}; printf '[Match]\\nName=br-t\\n[Network]\\nConfigureWithoutCarrier=yes\\n' >${folder}/20-t.network`,
      make: () => networkFile({ name: '20-t.network', dropIn: 'more', content: '[Network]\nAddress=192.0.2.7/24\n' }),
      ...settling,
      holds: hasAddress('192.0.2.7/24'),
      undo: () => networkFile({ name: '20-t.network', dropIn: 'more', state: 'absent' }),
      reset,
    },
    {
      name: 'a file that nobody runs for, with a key in it',
      prepare: `rm -f ${folder}/30-t.netdev`,
      make: () => networkFile(wireguard('b25l')),
      ...settling,
      drifts: [
        {
          by: `sed -i s/b25l/dHdv/ ${folder}/30-t.netdev`,
          sees: [{ field: 'content', before: undefined, after: undefined, restricted: true }],
        },
        { by: `chmod 644 ${folder}/30-t.netdev`, sees: [{ field: 'mode', before: '0644', after: '0640' }] },
      ],
      undo: () => networkFile({ name: '30-t.netdev', state: 'absent' }),
      leaves: /^\/etc\/systemd(?:\/network)?$/,
      reset,
      not: { d: 'its steps are those of the others' },
    },
    {
      name: 'a file of udev',
      prepare: `rm -f ${folder}/40-t.link`,
      make: () => networkFile({ name: '40-t.link', sections: { Match: { Driver: 't' }, Link: { MTUBytes: 1400 } } }),
      ...settling,
      undo: () => networkFile({ name: '40-t.link', state: 'absent' }),
      leaves: /^\/etc\/systemd(?:\/network)?$/,
      reset,
      not: { d: 'its steps are those of the others' },
    },
  ],
}
