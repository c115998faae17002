import { readFileSync } from 'node:fs'
import { swap } from '../../../tasks/system/swap/swap.ts'
import { swapOff } from '../../../tasks/system/swap/swap-off.ts'
import { hostileTexts } from '../hostile.ts'
import type { Case, Row } from '../row.ts'

const others = '# by hand\n/dev/none none swap sw 0 0 # kept\n'
const prepare = `printf '${others.replaceAll('\n', '\\n')}' >/etc/fstab; mkdir -p /srv/s`
const reset = `rm -rf /srv/s; printf '# none\\n' >/etc/fstab; if [ -d /run/systemd/system ];then systemctl daemon-reload;fi`
const line = '/srv/s/swap none swap sw,pri=5 0 0\n'
const wanted = { path: '/srv/s/swap', sizeMib: 1, priority: 5, active: false } as const

const discovered = 'dev-disk-by\\x2dpartlabel-s.swap'
const unit = '[Swap]\\nWhat=/dev/disk/by-partlabel/s\\n'
const fstab = '# by hand\nUUID=1 none swap sw 0 0\n/dev/s /srv ext4 noauto 0 0\n'
const withoutSwap = fstab.replace('UUID', '# UUID')
const units = `if [ -d /run/systemd/system ];then mkdir -p /etc/systemd/system /usr/local/lib/systemd/system
printf '${unit}' >/etc/systemd/system/dev-t.swap; printf '${unit}' >'/usr/local/lib/systemd/system/${discovered}';systemctl daemon-reload;fi`
const noUnits = `if [ -d /run/systemd/system ];then rm -f /etc/systemd/system/*.swap /etc/systemd/system/*.swap.off
rm -rf /usr/local/lib/systemd;systemctl daemon-reload;fi`
const swapped = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1
const notOurs = 'the machine that tests run on swaps, and that is not theirs to switch off'

/** Units are systemd's alone. */
const unitsCase = (place: 'debian' | 'busybox'): Case => ({
  name: place === 'debian' ? 'lines of fstab and units' : 'lines of fstab',
  prepare: `printf '${fstab.replaceAll('\n', '\\n')}' >/etc/fstab\n${place === 'debian' ? units : 'true'}`,
  make: () => swapOff(),
  drifts: [
    {
      by: `printf '${fstab.replaceAll('\n', '\\n')}' >/etc/fstab`,
      sees: [{ field: 'at boot', before: fstab, after: withoutSwap, text: true }],
    },
    ...(place === 'debian'
      ? [
          {
            by: `systemctl unmask '${discovered}'`,
            sees: [{ field: 'units', before: [discovered], after: 'masked' }],
          },
        ]
      : []),
  ],
  not: { e: 'what was swapped to is not known any more' },
  reset: `printf '# none\\n' >/etc/fstab\n${noUnits}`,
  notOn: {
    ...(swapped ? { debian: notOurs, busybox: notOurs } : {}),
    ...(place === 'debian' ? { busybox: 'there are no units' } : { debian: 'that is part of the other case' }),
  },
})

export const swapOffRow: Row = { resource: 'swapOff', cases: [unitsCase('debian'), unitsCase('busybox')] }

/** The kernel is that of the machine that tests run on: nothing is swapped to. */
export const swapRow: Row = {
  resource: 'swap',
  cases: [
    {
      name: 'a file for the next boot',
      prepare,
      make: () => swap(wanted),
      drifts: [
        { by: 'chmod 644 /srv/s/swap', sees: [{ field: 'mode', before: '0644', after: '0600' }] },
        { by: 'rm /srv/s/swap', sees: [{ field: 'file', before: undefined, after: '1 MiB' }] },
        {
          by: 'dd if=/dev/zero of=/srv/s/swap bs=1048576 count=2 2>/dev/null',
          sees: [{ field: 'size', before: '2 MiB', after: '1 MiB' }],
        },
        {
          by: 'dd if=/dev/zero of=/srv/s/swap bs=4096 count=1 conv=notrunc 2>/dev/null',
          sees: [{ field: 'format', before: undefined, after: 'swap' }],
        },
        {
          by: "sed -i 's/pri=5/pri=4/' /etc/fstab",
          sees: [{ field: 'fstab', before: others + line.replace('5', '4'), after: others + line, text: true }],
        },
      ],
      undo: () => swap({ path: '/srv/s/swap', state: 'absent' }),
      // mkswap gives it an identity.
      varies: /^\/srv\/s\/swap$/,
      leaves: /^\/(?:etc|srv\/s)$/,
      reset,
      hostile: {
        path: {
          make: (name) => swap({ ...wanted, path: `/srv/s/${name}` }),
          values: hostileTexts.filter((text) => text.length < 200 && text !== ''),
        },
      },
    },
    {
      name: 'what is no block device',
      prepare,
      make: () => swap({ path: '/dev/null' }),
      reset,
      refusedOn: { busybox: /there is no such device/, debian: /there is no such device/ },
    },
  ],
}
