import { truncateSync, writeFileSync } from 'node:fs'
import { filesystem } from '../../../tasks/system/filesystem/filesystem.ts'
import { sizeBy } from '../../../tasks/system/filesystem/filesystem-size.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { converge, diff, scratch, shell } from '../files/trial.ts'

const mib = 1 << 20

suite('filesystem', (test) => {
  test('is made, named, grown and wiped, and each is what was predicted', () => {
    using folder = scratch()
    const device = folder.at('disk')
    writeFileSync(device, '')
    truncateSync(device, 24 * mib)
    const wanted = filesystem({ device, type: 'ext4', label: 'data', grow: true })
    assert.equal(converge(wanted), [{ field: 'filesystem', before: undefined, after: 'ext4' }])
    truncateSync(device, 48 * mib)
    assert.equal(converge(wanted), [{ field: 'size', before: '24 MiB', after: '48 MiB' }])
    assert.match(shell(`dumpe2fs -h '${device}' 2>/dev/null`), /^Block count: +(?:49152|12288)$/m)
    const other = filesystem({ device, type: 'ext4', label: 'other one' })
    assert.equal(converge(other), [{ field: 'label', before: 'data', after: 'other one' }])
    converge(filesystem({ device, type: 'ext4', state: 'absent' }))
  })

  test('what is there is lost only by its name', () => {
    using folder = scratch()
    const device = folder.at('disk')
    writeFileSync(device, '')
    truncateSync(device, 24 * mib)
    shell(`PATH=$PATH:/sbin:/usr/sbin mkswap '${device}' >/dev/null`)
    const plain = { device, type: 'ext4' } as const
    assert.throws(() => diff(filesystem(plain)), /it holds swap/)
    assert.throws(() => diff(filesystem({ ...plain, replaces: 'xfs' })), /it holds swap/)
    assert.throws(() => diff(filesystem({ ...plain, state: 'absent' })), /it holds swap, and not ext4/)
    const change = { field: 'filesystem', before: 'swap', after: 'ext4' }
    assert.equal(converge(filesystem({ ...plain, replaces: 'swap' })), [change])
  })

  test('the size is read from the superblocks of xfs and btrfs too', () => {
    const xfs = Buffer.alloc(512)
    xfs.writeUInt32BE(4096, 4)
    xfs.writeBigUInt64BE(1000n, 8)
    assert.is(sizeBy('xfs', xfs.toString('hex')), 4_096_000)
    const btrfs = Buffer.alloc(4096)
    btrfs.writeBigUInt64LE(123_456n, 0x70)
    assert.is(sizeBy('btrfs', btrfs.toString('hex')), 123_456)
    assert.is(sizeBy('ext', ''), undefined)
  })
})
