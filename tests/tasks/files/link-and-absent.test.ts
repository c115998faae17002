import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { unknownReason } from '../../../runner/model/unknown.ts'
import { absent } from '../../../tasks/files/absent.ts'
import { link } from '../../../tasks/files/link.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { namesFor } from './hostile.ts'
import { bound, converge, diff, look, scratch, shells } from './trial.ts'

suite(
  'link',
  (test) => {
    for (const name of Object.keys(shells)) {
      test(`makes, turns and repeats links wherever they lead in ${name}`, () => {
        using dir = scratch()
        for (const odd of namesFor(name)) {
          const path = dir.at(odd)
          if (odd !== '~')
            assert.equal(converge(link({ path, target: odd }), name), [
              { field: 'target', before: undefined, after: odd },
            ])
          converge(link({ path, target: '/etc' }), name)
          assert.is(readlinkSync(path), '/etc')
          assert.equal(converge(link({ path, target: '/usr' }), name), [
            { field: 'target', before: '/etc', after: '/usr' },
          ])
          assert.equal(converge(link({ path, target: '/usr' }), name), [])
          assert.is(readlinkSync(path), '/usr')
        }
        assert.is(readdirSync(dir.path).length, namesFor(name).length, 'no temporary name is left')
        assert.ok(!readdirSync('/etc').some((entry) => entry.startsWith('.tsplay-link')))
      })
    }

    test('predicts what it leads to', () => {
      using dir = scratch()
      mkdirSync(dir.at('releases'))
      mkdirSync(dir.at('releases/1'))
      const wanted = link({ path: dir.at('current'), target: 'releases/1' })
      const { definition, options } = bound(wanted)
      const after = definition.after(options, look(wanted)) as { path: { resolved: { kind: string; mode: string } } }
      assert.is(after.path.resolved.kind, 'directory')
      converge(wanted)
      assert.is(unknownReason(look(wanted)['target']), `what is at ${dir.at('releases/1')}`, 'not asked again')
      // The same place by another way.
      converge(link({ path: dir.at('current'), target: dir.at('releases/1') }))
    })

    test('takes a file’s place only with force, and a directory’s never', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), '')
      mkdirSync(dir.at('dir'))
      assert.throws(() => diff(link({ path: dir.at('file'), target: 'x' })), /there is a file at this path/)
      assert.is(converge(link({ path: dir.at('file'), target: 'x', force: true })).length, 2)
      assert.is(readlinkSync(dir.at('file')), 'x')
      assert.throws(
        () => diff(link({ path: dir.at('dir'), target: 'x', force: true })),
        /there is a directory at this path/,
      )
      assert.throws(() => diff(link({ path: dir.at('no/link'), target: 'x' })), /no does not exist/)
    })

    test('refuses targets that mean nothing', () => {
      assert.throws(() => link({ path: '/x', target: '' }), /target has to be a path/)
      assert.throws(() => link({ path: '/x', target: 'a\0' }), /target has to be a path/)
      assert.throws(() => link({ path: '/x', target: '~/a' }), /not expanded/)
    })
  },
  20_000,
)

suite(
  'absent',
  (test) => {
    for (const name of Object.keys(shells)) {
      test(`takes away files, trees and links, never what a link leads to, in ${name}`, () => {
        using dir = scratch()
        writeFileSync(dir.at('kept'), '')
        mkdirSync(dir.at('keptdir'))
        writeFileSync(dir.at('keptdir/inside'), '')
        for (const odd of namesFor(name)) {
          writeFileSync(dir.at(odd), '')
          assert.equal(converge(absent({ path: dir.at(odd) }), name), [
            { field: 'state', before: 'file', after: undefined },
          ])
          mkdirSync(dir.at(odd))
          mkdirSync(`${dir.at(odd)}/deep`)
          symlinkSync('../keptdir', `${dir.at(odd)}/tokept`)
          assert.is(converge(absent({ path: dir.at(odd) }), name)[0]?.before, 'directory')
          for (const target of ['kept', 'keptdir', 'none']) {
            symlinkSync(target, dir.at(odd))
            assert.is(converge(absent({ path: `${dir.at(odd)}/` }), name)[0]?.before, 'link')
          }
          assert.equal(converge(absent({ path: dir.at(odd) }), name), [])
        }
        assert.equal(readdirSync(dir.path).toSorted(), ['kept', 'keptdir'])
        assert.ok(existsSync(dir.at('keptdir/inside')))
      })
    }

    test('refuses what a system can not do without, however it is written', () => {
      for (const path of [
        '/',
        '/etc',
        '/etc/',
        '/usr/../etc',
        '//',
        '/usr/bin',
        '/var/lib',
        '/home',
        '/tmp/..',
        '/usr/lib/',
      ]) {
        assert.throws(() => absent({ path }), /a system can not do without it/, path)
      }
      for (const path of ['', '~', 'etc', '.']) assert.throws(() => absent({ path }), /path/, JSON.stringify(path))
      assert.is(absent({ path: '/etc/motd' }).id, '/etc/motd')
    })

    test('leaves a tree alone in which something is mounted', () => {
      using dir = scratch()
      mkdirSync(dir.at('a b'))
      mkdirSync(dir.at('a b/mnt'))
      writeFileSync(dir.at('a b/file'), '')
      const wanted = absent({ path: dir.at('a b') })
      const { definition, options } = bound(wanted)
      const [step] = definition.apply(options, diff(wanted), look(wanted))
      const script = step && 'script' in step ? step.script : ''
      const mounted = spawnSync('unshare', [
        '-m',
        'sh',
        '-c',
        `mount -t tmpfs none ${JSON.stringify(dir.at('a b/mnt'))} && { ${script}\n}`,
      ])
      assert.is(mounted.status, 1)
      assert.match(mounted.stderr.toString(), /not removed: .*mnt is mounted there/)
      assert.ok(lstatSync(dir.at('a b/file')).isFile())
      assert.is(readFileSync(dir.at('a b/file'), 'utf8'), '')
    })
  },
  20_000,
)
