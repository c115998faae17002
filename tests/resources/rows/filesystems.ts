import { filesystem } from '../../../tasks/system/filesystem/filesystem.ts'
import { hostileTexts } from '../hostile.ts'
import type { Row } from '../row.ts'

/** mkfs is told not to write lazily, and of no more than a small image needs. */
const image = (mib: number) => `mkdir -p /srv/i; truncate -s ${mib}M /srv/i/disk`
const reset = 'rm -rf /srv/i'
const made = { device: '/srv/i/disk', type: 'ext4', label: 'data' } as const
const size = 'truncate -s'
/** mkfs gives it an identity. */
const varies = /^\/srv\/i\/disk$/

/** Kernels and device nodes are those of the machine that tests run on: image files stand for devices. */
export const filesystemRow: Row = {
  resource: 'filesystem',
  cases: [
    {
      name: 'ext4 in an image that grows',
      prepare: image(24),
      make: () => filesystem({ ...made, grow: true }),
      drifts: [
        { by: 'e2label /srv/i/disk other', sees: [{ field: 'label', before: 'other', after: 'data' }] },
        { by: `${size} 48M /srv/i/disk`, sees: [{ field: 'size', before: '24 MiB', after: '48 MiB' }] },
        { by: `${size} 50M /srv/i/disk`, sees: [] },
        { by: 'wipefs -qa /srv/i/disk', sees: [{ field: 'filesystem', before: undefined, after: 'ext4' }] },
      ],
      undo: () => filesystem({ device: '/srv/i/disk', type: 'ext4', state: 'absent' }),
      leaves: /^\/srv\/i/,
      varies,
      reset,
      hostile: {
        label: {
          make: (label) => filesystem({ ...made, label }),
          values: hostileTexts,
          reads: () => 'blkid -p -o value -s LABEL /srv/i/disk',
          gives: (label) => (label === '' ? '' : `${label}\n`),
        },
        device: {
          make: (name) => filesystem({ device: `/srv/i/${name}`, type: 'ext4' }),
          values: hostileTexts.filter((text) => text.length < 200),
          refusal: /there is no such device|that is no device/,
        },
        replaces: { make: (replaces) => filesystem({ ...made, replaces }), values: hostileTexts },
        mkfsOptions: {
          make: (word) => filesystem({ ...made, mkfsOptions: [word] }),
          values: hostileTexts,
          reset: `${reset}; ${image(24)}`,
          refusal: /mkfs|mke2fs|invalid|Usage/i,
        },
      },
    },
    {
      name: 'in place of swap space, which is named',
      prepare: `${image(16)}; mkswap /srv/i/disk >/dev/null`,
      make: () => filesystem({ device: '/srv/i/disk', type: 'ext4', replaces: 'swap', mkfsOptions: ['-m', '0'] }),
      varies,
      reset,
    },
    {
      name: 'of what is no device',
      make: () => filesystem({ device: '/etc', type: 'ext4' }),
      reset,
      refusedOn: { busybox: /that is no device/, debian: /that is no device/ },
    },
    {
      name: 'of what holds something else',
      make: () => filesystem({ device: '/etc/passwd', type: 'xfs' }),
      reset,
      refusedOn: { busybox: /there is no mkfs.xfs/, debian: /there is no mkfs.xfs/ },
    },
  ],
}
