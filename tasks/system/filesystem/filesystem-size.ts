/** Where a file system's first block begins, by how dd(1) reads it. */
export const superblocks = {
  ext: 'bs=512 skip=2 count=2',
  xfs: 'bs=512 count=1',
  btrfs: 'bs=4096 skip=16 count=1',
} as const

/**
 * How many bytes a file system takes, by its superblock in hex; `undefined` where it does not tell.
 * Layouts: ext4 "Super Block" and xfs "Superblocks" of the kernel's documentation, btrfs's on-disk format.
 */
export function sizeBy(kind: keyof typeof superblocks, hex: string): number | undefined {
  const block = Buffer.from(hex, 'hex')
  if (block.length < 512) return undefined
  if (kind === 'xfs') return block.readUInt32BE(4) * Number(block.readBigUInt64BE(8))
  if (kind === 'btrfs') return Number(block.readBigUInt64LE(0x70))
  const has64Bits = (block.readUInt32LE(0x60) & 0x80) !== 0
  const blocks = block.readUInt32LE(4) + (has64Bits ? block.readUInt32LE(0x150) * 2 ** 32 : 0)
  return blocks * 1024 * 2 ** block.readUInt32LE(0x18)
}
