import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { sha256 } from '../../../runner/model/content.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { Secret } from '../../../runner/model/secret.ts'
import { PredictionEnd, unknown, unknownReason } from '../../../runner/model/unknown.ts'
import { file, type FileOptions } from '../../../tasks/files/file.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { hostileTexts, namesFor } from './hostile.ts'
import { bound, converge, diff, look, scratch, shells } from './trial.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

const refused = (options: object, message: RegExp) =>
  assert.throws(
    () => file(options as FileOptions),
    (error: unknown) => error instanceof TsplayError && error.code === 'OPTIONS' && message.test(error.message),
    String(message),
  )

suite(
  'file',
  (test) => {
    for (const name of Object.keys(shells)) {
      test(`writes every content exactly as predicted, once, in ${name}`, () => {
        using dir = scratch()
        for (const [what, content] of Object.entries(hostileTexts)) {
          const wanted = file({ path: dir.at('file'), content })
          assert.equal(
            converge(wanted, name).map(({ field }) => field),
            ['content'],
            what,
          )
          assert.is(readFileSync(dir.at('file'), 'utf8'), content, what)
          assert.equal(converge(wanted, name), [], what)
        }
        const bytes = Buffer.from([0, 255, 10, 13, 128])
        converge(file({ path: dir.at('file'), content: bytes }), name)
        assert.equal(readFileSync(dir.at('file')), bytes)
      })

      test(`writes to files whatever they are called in ${name}`, () => {
        using dir = scratch()
        for (const odd of namesFor(name)) {
          converge(file({ path: dir.at(odd), content: odd, mode: '0640', owner: 0, group: 'root' }), name)
          assert.is(readFileSync(dir.at(odd), 'utf8'), odd)
          chmodSync(dir.at(odd), 0o600)
          assert.equal(converge(file({ path: dir.at(odd), mode: '0640' }), name), [
            { field: 'mode', before: '0600', after: '0640' },
          ])
        }
        assert.equal(readdirSync(dir.path).toSorted(), [...namesFor(name)].toSorted())
      })
    }

    test('gives a new file mode 0644, and whatever else is asked', () => {
      using dir = scratch()
      converge(file({ path: dir.at('plain'), content: 'x' }))
      assert.is(modeOf(dir.at('plain')), '644')
      const changes = converge(
        file({ path: dir.at('own'), content: 'x', mode: '4710', owner: 'nobody', group: 'nogroup' }),
      )
      assert.is(modeOf(dir.at('own')), '4710')
      assert.is(statSync(dir.at('own')).uid, 65534)
      assert.equal(
        changes.map(({ field, after }) => [field, after]),
        [
          ['content', '(not shown)'],
          ['mode', '4710'],
          ['owner', 'nobody'],
          ['group', 'nogroup'],
        ],
      )
    })

    test('leaves owner and mode alone where nothing is asked of them', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), 'old\n')
      chownSync(dir.at('file'), 65534, 0)
      chmodSync(dir.at('file'), 0o4755)
      const changes = converge(file({ path: dir.at('file'), content: 'new\n' }))
      assert.equal(changes, [{ field: 'content', before: 'old\n', after: 'new\n', text: true }])
      assert.is(modeOf(dir.at('file')), '4755')
      assert.is(statSync(dir.at('file')).uid, 65534)
    })

    test('keeps set-user-id when only the owner changes, which chown takes away', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), '')
      chmodSync(dir.at('file'), 0o4755)
      assert.equal(converge(file({ path: dir.at('file'), owner: 65534 })), [
        { field: 'owner', before: 'root', after: '65534' },
      ])
      assert.is(modeOf(dir.at('file')), '4755')
    })

    test('sees drift by hand as exactly that change', () => {
      using dir = scratch()
      const path = dir.at('file')
      const wanted = file({ path, content: 'right\n', mode: '0644', owner: 'root', group: 'root' })
      converge(wanted)
      const drifts: readonly [() => void, object][] = [
        [() => chmodSync(path, 0o666), { field: 'mode', before: '0666', after: '0644' }],
        [() => chownSync(path, 65534, 0), { field: 'owner', before: 'nobody', after: 'root' }],
        [() => chownSync(path, 0, 12345), { field: 'group', before: '12345', after: 'root' }],
        [() => writeFileSync(path, 'wrong\n'), { field: 'content', before: 'wrong\n', after: 'right\n', text: true }],
      ]
      for (const [drift, change] of drifts) {
        drift()
        assert.equal(converge(wanted), [change])
        assert.equal(converge(wanted), [])
      }
    })

    test('writes through symbolic links, and tells both facts', () => {
      using dir = scratch()
      writeFileSync(dir.at('real'), 'old')
      symlinkSync('real', dir.at('link'))
      const wanted = file({ path: dir.at('link'), content: 'new', mode: '0600' })
      const { definition, options } = bound(wanted)
      const effects = definition.effects?.(options, look(wanted)) ?? []
      assert.equal(
        effects.map(({ fact }) => fact),
        [`path:${dir.at('real')}`],
      )
      converge(wanted)
      assert.ok(lstatSync(dir.at('link')).isSymbolicLink())
      assert.is(readFileSync(dir.at('real'), 'utf8'), 'new')
      assert.is(modeOf(dir.at('real')), '600')
    })

    test('makes the file that a dangling link leads to', () => {
      using dir = scratch()
      symlinkSync('real', dir.at('link'))
      converge(file({ path: dir.at('link'), content: 'new' }))
      assert.is(readFileSync(dir.at('real'), 'utf8'), 'new')
    })

    test('puts a file in a link’s place when links are not to be followed', () => {
      using dir = scratch()
      writeFileSync(dir.at('real'), 'old')
      symlinkSync('real', dir.at('link'))
      converge(file({ path: dir.at('link'), content: 'new', followLinks: false }))
      assert.ok(lstatSync(dir.at('link')).isFile())
      assert.is(readFileSync(dir.at('real'), 'utf8'), 'old')
    })

    test('never shows a Secret, nor what group or others may not read', () => {
      using dir = scratch()
      writeFileSync(dir.at('old'), 'hunter2', { mode: 0o640 })
      for (const wanted of [
        file({ path: dir.at('a'), content: new Secret('hunter2') }),
        file({ path: dir.at('b'), content: 'hunter2', mode: '0600' }),
        file({ path: dir.at('old'), content: 'other', mode: '0644' }),
      ]) {
        const content = converge(wanted).find(({ field }) => field === 'content')
        assert.is(content?.restricted, true)
        assert.not.match(JSON.stringify(content), /hunter2|other/)
      }
      assert.is(readFileSync(dir.at('a'), 'utf8'), 'hunter2')
    })

    test('shows digests where there is no text to show', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), Buffer.from([255]))
      const [change] = converge(file({ path: dir.at('file'), content: 'text' }))
      assert.equal(change, {
        field: 'content',
        before: `1 bytes, sha256 ${sha256(Buffer.from([255]))}`,
        after: `4 bytes, sha256 ${sha256('text')}`,
      })
    })

    test('takes content from a file of the control machine, and sees when that changes', () => {
      using dir = scratch()
      const bytes = Buffer.alloc(300_000, 7)
      writeFileSync(dir.at('source'), bytes)
      converge(file({ path: dir.at('file'), source: dir.at('source') }))
      assert.equal(readFileSync(dir.at('file')), bytes)
      writeFileSync(dir.at('source'), 'now text')
      converge(file({ path: dir.at('file'), source: dir.at('source') }))
      assert.is(readFileSync(dir.at('file'), 'utf8'), 'now text')
      refused({ path: '/x', source: dir.at('none') }, /source can not be read: ENOENT/)
    })

    test('leaves the old file when the new one is not valid, and keeps it beside when asked to', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), 'old')
      assert.throws(
        () => converge(file({ path: dir.at('file'), content: 'bad', validate: 'grep -q good %s' })),
        /refused/,
      )
      assert.is(readFileSync(dir.at('file'), 'utf8'), 'old')
      converge(file({ path: dir.at('file'), content: 'good', validate: 'grep -q good %s', backup: true }))
      const kept = readdirSync(dir.path).filter((name) => /^file\.~\d{8}T\d{6}Z~$/.test(name))
      assert.is(kept.length, 1)
      assert.is(readFileSync(dir.at(kept[0] ?? ''), 'utf8'), 'old')
    })

    test('says what is in the way before anything is done', () => {
      using dir = scratch()
      mkdirSync(dir.at('dir'))
      writeFileSync(dir.at('plain'), '')
      assert.throws(() => diff(file({ path: dir.at('dir'), content: '' })), /there is a directory at this path/)
      assert.throws(
        () => diff(file({ path: dir.at('no/such/x'), content: '' })),
        /its directory .*no\/such does not exist/,
      )
      assert.throws(() => diff(file({ path: dir.at('plain/x'), content: '' })), /plain is a file, not a directory/)
      assert.throws(() => diff(file({ path: dir.at('none'), mode: '0644' })), /does not exist, and no content is given/)
      assert.throws(() => diff(file({ path: '/dev/null', content: '' })), /there is a character device/)
    })

    test('refuses options that make no sense, with what is meant', () => {
      refused({ path: 'etc/motd', content: '' }, /has to be absolute/)
      refused({ path: '~/x', content: '' }, /not expanded/)
      refused({ path: '/etc/', content: '' }, /can not end with/)
      refused({ path: '/x', content: '', mode: 644 }, /mode has to be four octal digits in a string, not 644/)
      for (const mode of ['644', '0888', 'u=rw', '00644', ''])
        refused({ path: '/x', content: '', mode }, /four octal digits/)
      for (const owner of ['', 'a b', '-x', 'a:b', 'a/b', -1, 1.5, 'x\n'])
        refused({ path: '/x', owner }, /owner has to be/)
      refused({ path: '/x', content: '', source: 'y' }, /exclude each other/)
      refused({ path: '/x', content: '', validate: 'true' }, /%s/)
      refused({ path: '/x', validate: 'test %s' }, /needs content or source/)
      refused({ path: '/x', content: 5 }, /content has to be a string, bytes or a Secret, not number/)
      assert.throws(
        () => file({ path: '/x', mode: 644 as never }),
        (error: unknown) => error instanceof TsplayError && /'0644'/.test(error.hint ?? ''),
      )
    })

    test('predicts what it can when the host or the content is not known yet', () => {
      const reason = 'package nginx'
      const wanted = file({ path: '/etc/x', content: 'text', mode: '0644' })
      const { definition, options } = bound(wanted)
      const state = { path: unknown(reason), parent: unknown(reason) }
      assert.throws(
        () => definition.diff(options, state),
        (error: unknown) => error instanceof PredictionEnd && error.reason === reason,
      )
      const { path } = definition.after(options, state) as { path: { sha256: unknown; mode: unknown; owner: unknown } }
      assert.is(path.sha256, sha256('text'))
      assert.is(path.mode, '0644')
      assert.is(unknownReason(path.owner), reason)
      const carried = file({ path: '/etc/passwd', content: `id=${unknown<string>('a command')}` })
      const [change] = diff(carried)
      assert.is(unknownReason(change?.after), 'a command')
      const { path: later } = bound(carried).definition.after(bound(carried).options, look(carried)) as {
        path: { sha256: unknown }
      }
      assert.is(unknownReason(later.sha256), 'a command')
    })
  },
  30_000,
)
