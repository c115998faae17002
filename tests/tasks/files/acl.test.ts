import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { acl } from '../../../tasks/files/acl/acl.ts'
import { listAfter } from '../../../tasks/files/acl/acl-list.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { converge, diff, scratch, shell } from './trial.ts'

suite('acl', (test) => {
  test('what setfacl makes of a list is what was predicted, in every form', () => {
    using folder = scratch()
    mkdirSync(folder.at('d/sub'), { recursive: true })
    writeFileSync(folder.at('d/sub/f\nu: x'), '')
    const path = folder.at('d')
    converge(acl({ path, entries: [{ user: 'nobody', permissions: 'rwX' }] }))
    converge(acl({ path, entries: [{ group: 65_534, permissions: 'r--', default: true }] }))
    converge(acl({ path, entries: [{ of: 'mask', permissions: 'r--' }] }))
    converge(acl({ path, recursive: true, exclusive: true, entries: [{ user: 'daemon', permissions: 'r-X' }] }))
    assert.match(shell(`getfacl -cp '${folder.at('d/sub')}/f\nu: x'`), /^user:daemon:r--$/m)
    converge(acl({ path, state: 'absent', entries: [{ user: 'daemon' }] }))
    converge(acl({ path, recursive: true, state: 'absent' }))
    assert.equal(shell(`getfacl -cpR '${path}'`).match(/daemon|nobody|default/g), null)
  })

  test('a mode that takes away what was given is seen as the mask', () => {
    using folder = scratch()
    writeFileSync(folder.at('f'), '')
    const wanted = acl({ path: folder.at('f'), entries: [{ user: 'nobody', permissions: 'rw-' }] })
    converge(wanted)
    chmodSync(folder.at('f'), 0o640)
    assert.equal(diff(wanted), [{ field: 'mask', before: 'r--', after: 'rw-' }])
  })

  test('a mask that is given stays, and others are not narrowed by it', () => {
    const base = { isDefault: false, name: '', permissions: 'r--' } as const
    const entries = [
      { isDefault: false, tag: 'user', name: 'a', permissions: 'rwx' } as const,
      { ...base, tag: 'mask' } as const,
    ]
    const after = listAfter([{ ...base, tag: 'group' }], { entries, remove: false, clear: false }, false)
    assert.equal(after.find(({ tag }) => tag === 'mask')?.permissions, 'r--')
  })

  test('defaults of a file are refused, and so is an entry twice', () => {
    using folder = scratch()
    writeFileSync(folder.at('f'), '')
    const path = folder.at('f')
    assert.throws(
      () => diff(acl({ path, entries: [{ user: 'nobody', permissions: 'r--', default: true }] })),
      /only a directory has defaults/,
    )
    const entry = { user: 'nobody', permissions: 'r--' } as const
    assert.throws(() => acl({ path, entries: [entry, entry] }), /user nobody is given twice/)
  })
})
