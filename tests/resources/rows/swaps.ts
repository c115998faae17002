import { swap } from '../../../tasks/system/swap/swap.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const others = '# by hand\n/dev/none none swap sw 0 0 # kept\n'
const prepare = `printf '${others.replaceAll('\n', '\\n')}' >/etc/fstab; mkdir -p /srv/s`
const reset = `rm -rf /srv/s; printf '# none\\n' >/etc/fstab; if [ -d /run/systemd/system ];then systemctl daemon-reload;fi`
const line = '/srv/s/swap none swap sw,pri=5 0 0\n'
const wanted = { path: '/srv/s/swap', sizeMib: 1, priority: 5, active: false } as const

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
