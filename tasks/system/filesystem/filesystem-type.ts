import { quote } from '../../../runner/model/quote.ts'

/** What can be made, as mkfs(8) and blkid(8) name it. */
export type FilesystemType = 'ext2' | 'ext3' | 'ext4' | 'xfs' | 'btrfs' | 'vfat'

interface Tools {
  /** The option by which mkfs overwrites what is there. */
  readonly force: string
  /** The option by which mkfs gives a label. */
  readonly label: string
  /** Bytes that a label may have. */
  readonly longest: number
  /** Shell text that gives a label to what is there. */
  relabel(device: string, label: string): string
  /**
   * Shell text that makes it as large as its device; `mounted` is where it is mounted. Left out where it can't be done,
   * `undefined` where it has to be mounted for that.
   */
  grow?(device: string, mounted: string | undefined): string | undefined
}

const ext: Tools = {
  force: '-F',
  label: '-L',
  longest: 16,
  relabel: (device, label) => `e2label ${quote(device)} ${quote(label)}`,
  // e2fsck says 1 where it has mended something.
  grow: (device, mounted) =>
    mounted === undefined
      ? `{ e2fsck -f -p ${quote(device)}||[ $? = 1 ]; }&&resize2fs ${quote(device)}`
      : `resize2fs ${quote(device)}`,
}

export const filesystems: Readonly<Record<FilesystemType, Tools>> = {
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: {
    force: '-f',
    label: '-L',
    longest: 12,
    relabel: (device, label) => `xfs_admin -L ${quote(label === '' ? '--' : label)} ${quote(device)}`,
    grow: (_, mounted) => (mounted === undefined ? undefined : `xfs_growfs ${quote(mounted)}`),
  },
  btrfs: {
    force: '-f',
    label: '-L',
    longest: 255,
    relabel: (device, label) => `btrfs filesystem label ${quote(device)} ${quote(label)}`,
    grow: (_, mounted) => (mounted === undefined ? undefined : `btrfs filesystem resize max ${quote(mounted)}`),
  },
  vfat: {
    force: '-I',
    label: '-n',
    longest: 11,
    relabel: (device, label) => `fatlabel ${quote(device)} ${quote(label)}`,
  },
}
