import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { Secret } from '../../../runner/model/secret.ts'
import { unknown, unknownReason } from '../../../runner/model/unknown.ts'
import { line, type LineOptions } from '../../../tasks/files/line.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { bound, converge, diff, scratch } from './trial.ts'

/** What becomes of a text. */
function edited(text: string, options: Omit<LineOptions, 'path'>): string {
  const { definition, options: edit } = bound(line({ path: '/x', ...options }))
  const state = {
    path: {
      kind: 'file',
      mode: '0644',
      owner: 'root',
      group: 'root',
      uid: 0,
      gid: 0,
      size: 1,
      sha256: '',
      content: text,
    },
  }
  const after = definition.after(edit, state) as { path: { content: string } }
  return after.path.content
}

const rows: readonly [what: string, text: string, options: Omit<LineOptions, 'path'>, result: string][] = [
  ['adds a line at the end', 'a\nb\n', { line: 'c' }, 'a\nb\nc\n'],
  ['adds to nothing', '', { line: 'c' }, 'c\n'],
  ['leaves a line that is there', 'a\nc\nb\n', { line: 'c' }, 'a\nc\nb\n'],
  ['takes no part of a line for the line', 'xc\ncx\n', { line: 'c' }, 'xc\ncx\nc\n'],
  ['replaces what matches', 'a=1\nb=2\n', { line: 'a=5', match: /^a=/ }, 'a=5\nb=2\n'],
  ['replaces the last of several that match', 'a=1\na=2\nb\n', { line: 'a=5', match: /^a=/ }, 'a=1\na=5\nb\n'],
  ['adds where nothing matches', 'b\n', { line: 'a=5', match: /^a=/ }, 'b\na=5\n'],
  [
    'does not add a second time what its own match does not match',
    'b\nnew\n',
    { line: 'new', match: /^old/ },
    'b\nnew\n',
  ],
  ['does not heed the state of an expression', 'a=1\na=2\n', { line: 'a=5', match: /^a=/g }, 'a=1\na=5\n'],
  ['puts a line after the last anchor', 'x\ny\nx\nz\n', { line: 'n', after: /^x/ }, 'x\ny\nx\nn\nz\n'],
  ['puts a line before the last anchor', 'x\ny\nx\nz\n', { line: 'n', before: /^x/ }, 'x\ny\nn\nx\nz\n'],
  ['puts a line at the end where no anchor is', 'y\n', { line: 'n', before: /^x/ }, 'y\nn\n'],
  ['puts a line at the start', 'y\n', { line: 'n', after: 'start' }, 'n\ny\n'],
  ['ends the last line before it adds another', 'a', { line: 'b' }, 'a\nb\n'],
  ['leaves a missing final newline alone elsewhere', 'a\nb', { line: 'x', match: /^a/ }, 'x\nb'],
  ['replaces a last line without newline by one without', 'a\nb', { line: 'x', match: /^b/ }, 'a\nx'],
  ['keeps CR LF', 'a\r\nb\r\n', { line: 'c' }, 'a\r\nb\r\nc\r\n'],
  ['finds a line in a CR LF file', 'a\r\nb\r\n', { line: 'a' }, 'a\r\nb\r\n'],
  ['replaces in a CR LF file', 'a=1\r\nb\r\n', { line: 'a=2', match: /^a=1$/ }, 'a=2\r\nb\r\n'],
  ['leaves mixed line ends as they are', 'a\r\nb\nc\n', { line: 'd' }, 'a\r\nb\nc\nd\n'],
  ['takes an empty line for a line', 'a\n\nb\n', { line: '' }, 'a\n\nb\n'],
  ['takes dollars for themselves', 'a\n', { line: '$& $1 $$', match: /^a/ }, '$& $1 $$\n'],
  ['removes every line that is it', 'a\nb\na\n', { line: 'a', state: 'absent' }, 'b\n'],
  ['removes every line that matches', 'a1\nb\na2', { match: /^a/, state: 'absent' }, 'b\n'],
  ['removes the only line', 'a\n', { line: 'a', state: 'absent' }, ''],
  ['removes nothing where nothing is', 'b', { line: 'a', state: 'absent' }, 'b'],
]

suite(
  'line',
  (test) => {
    for (const [what, text, options, result] of rows) {
      test(what, () => {
        assert.is(edited(text, options), result)
        assert.is(edited(result, options), result, 'a second time changes nothing')
      })
    }

    test('edits a real file once, exactly as predicted, and shows the difference', () => {
      using dir = scratch()
      writeFileSync(dir.at('real'), '# ssh\n#PermitRootLogin yes\n', { mode: 0o644 })
      symlinkSync('real', dir.at('link'))
      const wanted = line({ path: dir.at('link'), match: /^#?PermitRootLogin\b/, line: 'PermitRootLogin no' })
      const before = '# ssh\n#PermitRootLogin yes\n'
      const after = '# ssh\nPermitRootLogin no\n'
      assert.equal(converge(wanted), [{ field: 'content', before, after, text: true }])
      assert.equal(converge(wanted), [])
      assert.ok(lstatSync(dir.at('link')).isSymbolicLink())
      assert.is(readFileSync(dir.at('real'), 'utf8'), after)
    })

    test('writes hostile lines as they are', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), '')
      for (const text of [`it's "x" \`y\` $(touch owned)`, '-n', '\\n\\0%s', 'ü 世界 🙂', ' \t ', 'x'.repeat(70_000)]) {
        converge(line({ path: dir.at('file'), line: text }))
      }
      assert.is(readFileSync(dir.at('file'), 'utf8').split('\n')[0], `it's "x" \`y\` $(touch owned)`)
      assert.is(readFileSync(dir.at('file'), 'utf8').length > 70_000, true)
    })

    test('makes a missing file only when asked to, and wants none for what is absent', () => {
      using dir = scratch()
      const path = dir.at('file')
      assert.throws(() => diff(line({ path, line: 'a' })), /the file does not exist/)
      assert.equal(diff(line({ path, line: 'a', state: 'absent' })), [])
      converge(line({ path, line: 'a', create: true, mode: '0600' }))
      assert.is(readFileSync(path, 'utf8'), 'a\n')
    })

    test('refuses to edit what is no text', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), Buffer.from([255, 0]))
      assert.throws(() => diff(line({ path: dir.at('file'), line: 'a' })), /no UTF-8 text/)
      writeFileSync(dir.at('file'), Buffer.alloc((4 << 20) + 1, 'x'))
      assert.throws(() => diff(line({ path: dir.at('file'), line: 'a' })), /more than the 4194304/)
      assert.throws(() => diff(line({ path: dir.path, line: 'a' })), /there is a directory/)
    })

    test('never shows a secret line, in its id or elsewhere', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), 'token=old\n', { mode: 0o644 })
      const wanted = line({ path: dir.at('file'), line: new Secret('token=hunter2'), match: /^token=/ })
      const unmatched = line({ path: dir.at('file'), line: new Secret('token=hunter2') })
      assert.not.match(wanted.id + unmatched.id, /hunter2/)
      const [change] = converge(wanted)
      assert.is(change?.restricted, true)
      assert.not.match(JSON.stringify(change), /hunter2|old/)
      assert.is(readFileSync(dir.at('file'), 'utf8'), 'token=hunter2\n')
    })

    test('carries an unknown into its prediction', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), 'a\n', { mode: 0o644 })
      const [change] = diff(line({ path: dir.at('file'), line: unknown<string>('what init gives') }))
      assert.is(unknownReason(change?.after), 'what init gives')
    })

    test('refuses options that make no sense', () => {
      assert.throws(() => line({ path: 'x', line: 'a' }), /absolute/)
      assert.throws(() => line({ path: '/x' }), /line is needed/)
      assert.throws(() => line({ path: '/x', match: /a/ }), /line is needed/)
      assert.throws(() => line({ path: '/x', state: 'absent' }), /line or match is needed/)
      assert.throws(() => line({ path: '/x', line: 'a\nb' }), /can not hold a line end/)
      assert.throws(() => line({ path: '/x', line: 'a', after: /a/, before: /b/ }), /exclude each other/)
      assert.throws(() => line({ path: '/x', line: 'a', mode: '7' }), /four octal digits/)
    })
  },
  20_000,
)
