import { mount } from '../../../tasks/system/mount.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

const others = '# by hand\\n/dev/none  /mnt/other\\text4\\tnoauto 0 2 # kept\\n'
const plain = '# by hand\n/dev/none  /mnt/other\text4\tnoauto 0 2 # kept\n'
const prepare = `printf '${others}' >/etc/fstab; mkdir -p /srv/m; chmod 755 /srv/m`
const reset = `umount -l "/srv/m/a b" 2>/dev/null; umount -l /srv/m/b 2>/dev/null; rm -rf /srv/m; printf '# none\\n' >/etc/fstab; if [ -d /run/systemd/system ];then systemctl daemon-reload;fi`
const line = 'tmpfs /srv/m/a\\040b tmpfs size=1m,noexec 0 0\n'

const tmpfs = { path: '/srv/m/a b', source: 'tmpfs', type: 'tmpfs', options: 'size=1m,noexec' } as const

export const mountRow: Row = {
  resource: 'mount',
  cases: [
    {
      name: 'of memory, now and at boot',
      prepare: `${prepare}; mkdir -p '/srv/m/a b'`,
      make: () => mount(tmpfs),
      drifts: [
        { by: 'umount "/srv/m/a b"', sees: [{ field: 'mounted', before: undefined, after: 'tmpfs' }] },
        { by: 'mount -o remount,exec "/srv/m/a b"', sees: [{ field: 'options', before: ['exec'], after: ['noexec'] }] },
        {
          by: 'umount "/srv/m/a b"; mount -t tmpfs other "/srv/m/a b"',
          sees: [{ field: 'source', before: 'other', after: 'tmpfs' }],
        },
        {
          by: "sed -i 's/size=1m/size=2m/' /etc/fstab",
          sees: [{ field: 'fstab', before: plain + line.replace('1m', '2m'), after: plain + line, text: true }],
        },
      ],
      undo: () => mount({ path: '/srv/m/a b', state: 'absent' }),
      leaves: /^\/etc$/,
      reset,
      hostile: {
        path: {
          make: (name) => mount({ ...tmpfs, path: `/srv/m/${name}` }),
          values: hostileTexts.filter((text) => text.length < 200),
          reset: 'for i in 1 2 3;do umount -l /srv/m 2>/dev/null;umount -l /srv/m/* 2>/dev/null;done;true',
          // Control characters are in no name here, and a name of 255 is the longest.
          refusal: /can not be made|File name too long|is no directory/,
        },
        options: {
          make: (options) => mount({ ...tmpfs, options }),
          values: hostileTexts,
          refusal: /mount:|mounting/,
        },
        source: {
          make: (source) => mount({ ...tmpfs, source }),
          values: hostileTexts.filter((text) => text.length < 1000),
          refusal: /mount:|mounting/,
        },
      },
    },
    {
      name: 'of a directory elsewhere, read-only',
      prepare: `${prepare}; mkdir -p /srv/m/from; echo x >/srv/m/from/f`,
      make: () => mount({ path: '/srv/m/b', source: '/srv/m/from', options: 'bind,ro', state: 'ephemeral' }),
      drifts: [
        { by: 'mount -o remount,bind,rw /srv/m/b', sees: [{ field: 'options', before: ['rw'], after: ['ro'] }] },
        {
          by: 'umount /srv/m/b; rmdir /srv/m/b',
          sees: [
            { field: 'directory', before: undefined, after: '/srv/m/b' },
            { field: 'mounted', before: undefined, after: '/srv/m/from' },
          ],
        },
      ],
      not: { e: 'the directory that was made stays' },
      reset,
    },
    {
      name: 'at boot only',
      prepare,
      make: () => mount({ path: '/mnt/other', source: 'LABEL=data', type: 'ext4', pass: 2, state: 'present' }),
      undo: () =>
        mount({ path: '/mnt/other', source: '/dev/none', type: 'ext4', options: 'noauto', pass: 2, state: 'present' }),
      leaves: /^\/etc(?:\/fstab)?$/,
      reset,
    },
  ],
}
