import { fstabEntry, withEntry } from '../../../tasks/system/fstab.ts'
import { kernelOptions, optionDifferences } from '../../../tasks/system/mount-options.ts'
import { assert, suite } from '../../helpers/suite.ts'

const text = `# static
UUID=1  /      ext4\tdefaults 0 1
/dev/sdb1 /srv/my\\040data xfs noatime 0 2   # kept

none none swap sw 0 0
`
const at = (path: string) => (entry: { readonly target: string }) => entry.target === path
const entry = { source: '/dev/sdb1', target: '/srv/my data', type: 'xfs', options: 'noatime', dump: 0, pass: 2 }

suite('fstab', (test) => {
  test('a line that says the same stays as it is, and another takes its place in the order', () => {
    assert.is(withEntry(text, at('/srv/my data'), entry), text)
    assert.is(
      withEntry(text, at('/srv/my data'), { ...entry, options: 'ro' }),
      text.replace('/dev/sdb1 /srv/my\\040data xfs noatime 0 2   # kept', '/dev/sdb1 /srv/my\\040data xfs ro 0 2'),
    )
  })
  test('a new entry comes last, one that is taken away goes with its doubles, and nothing else changes', () => {
    const added = withEntry(text, at('/x'), { ...entry, target: '/x' })
    assert.is(added, `${text}/dev/sdb1 /x xfs noatime 0 2\n`)
    assert.is(withEntry(`${added}/dev/sdc /x ext4\n`, at('/x'), undefined), text)
    assert.is(withEntry('', at('/x'), { ...entry, target: '/x' }), '/dev/sdb1 /x xfs noatime 0 2\n')
  })
  test('comments are no entries, and short lines have the defaults of fstab(5)', () => {
    assert.is(fstabEntry('# a b c'), undefined)
    assert.equal(fstabEntry('a /b ext4'), {
      source: 'a',
      target: '/b',
      type: 'ext4',
      options: 'defaults',
      dump: 0,
      pass: 0,
    })
  })
})

suite('options of mounts', (test) => {
  test("those that are not asked for are told too, and mount's own are not", () => {
    assert.is(kernelOptions('noexec,nofail,x-systemd.automount,size=1m'), 'noexec,size=1m,rw,suid,dev')
  })
  test('only what a mount shows is compared', () => {
    assert.equal(optionDifferences('ro,noexec,size=1m', ['rw', 'relatime']), {
      before: ['rw', 'exec'],
      after: ['ro', 'noexec'],
    })
    assert.equal(optionDifferences('defaults', ['rw', 'relatime', 'size=1024k']), { before: [], after: [] })
  })
})
