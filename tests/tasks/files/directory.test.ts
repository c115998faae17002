import { chmodSync, chownSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { unknown } from '../../../runner/model/unknown.ts'
import { directory } from '../../../tasks/files/directory.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { namesFor } from './hostile.ts'
import { bound, converge, diff, scratch, shells } from './trial.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

suite(
  'directory',
  (test) => {
    for (const name of Object.keys(shells)) {
      test(`makes what is missing above it, exactly as predicted, once, in ${name}`, () => {
        using dir = scratch()
        const wanted = directory({ path: dir.at('a/b/c'), mode: '0750', owner: 'nobody', group: 'nogroup' })
        assert.equal(
          converge(wanted, name).map(({ field, after }) => [field, after]),
          [
            ['state', 'directory'],
            ['mode', '0750'],
            ['owner', 'nobody'],
            ['group', 'nogroup'],
          ],
        )
        assert.equal([modeOf(dir.at('a')), modeOf(dir.at('a/b')), modeOf(dir.at('a/b/c'))], ['755', '755', '750'])
        assert.is(statSync(dir.at('a/b')).uid, 0)
        assert.equal(converge(wanted, name), [])
        for (const odd of namesFor(name)) {
          converge(directory({ path: dir.at(`${odd}/${odd}`), mode: '1777' }), name)
          assert.is(modeOf(dir.at(`${odd}/${odd}`)), '1777', odd)
        }
      })

      test(`takes over group and set-group-id from above, unless a mode is given, in ${name}`, () => {
        using dir = scratch()
        chownSync(dir.path, 0, 65534)
        chmodSync(dir.path, 0o2770)
        converge(directory({ path: dir.at('x/y') }), name)
        assert.equal([modeOf(dir.at('x')), modeOf(dir.at('x/y'))], ['2755', '2755'])
        assert.is(statSync(dir.at('x/y')).gid, 65534)
        converge(directory({ path: dir.at('z'), mode: '0755' }), name)
        assert.is(modeOf(dir.at('z')), '755')
        converge(directory({ path: dir.at('x'), mode: '0700' }), name)
        assert.is(modeOf(dir.at('x')), '700')
      })
    }

    test('sees drift by hand as exactly that change', () => {
      using dir = scratch()
      const wanted = directory({ path: dir.at('d'), mode: '0755', owner: 'root' })
      converge(wanted)
      chmodSync(dir.at('d'), 0o1777)
      assert.equal(converge(wanted), [{ field: 'mode', before: '1777', after: '0755' }])
      chownSync(dir.at('d'), 65534, 65534)
      assert.equal(converge(wanted), [{ field: 'owner', before: 'nobody', after: 'root' }])
      assert.is(statSync(dir.at('d')).gid, 65534, 'the group was not asked for')
    })

    test('takes a link to a directory for one', () => {
      using dir = scratch()
      mkdirSync(dir.at('real'))
      symlinkSync('real', dir.at('link'))
      assert.equal(converge(directory({ path: dir.at('link') })), [])
      assert.is(converge(directory({ path: dir.at('link'), mode: '0700' })).length, 1)
      assert.is(modeOf(dir.at('real')), '700')
      assert.ok(lstatSync(dir.at('link')).isSymbolicLink())
      converge(directory({ path: dir.at('link/below/it') }))
      assert.ok(statSync(dir.at('real/below/it')).isDirectory())
    })

    test('says what is in the way before anything is done', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), '')
      symlinkSync('none', dir.at('dangling'))
      assert.throws(() => diff(directory({ path: dir.at('file') })), /there is a file at this path/)
      assert.throws(() => diff(directory({ path: dir.at('file/a/b') })), /file is a file, not a directory/)
      assert.throws(() => diff(directory({ path: dir.at('dangling') })), /there is a link at this path/)
      assert.throws(() => diff(directory({ path: dir.at('dangling/a') })), /dangling does not exist/)
    })

    test('is satisfied by the root, and predicts itself where the host is not known', () => {
      assert.equal(diff(directory({ path: '/' })), [])
      const { definition, options } = bound(directory({ path: '/srv/x', mode: '0700' }))
      const after = definition.after(options, { '/srv/x': unknown('user x') }) as Record<
        string,
        { kind: string; mode: string }
      >
      assert.is(after['/srv/x']?.kind, 'directory')
      assert.is(after['/srv/x']?.mode, '0700')
    })
  },
  20_000,
)
