import { readFileSync, writeFileSync } from 'node:fs'
import { Secret } from '../../../runner/model/secret.ts'
import { block, type BlockOptions } from '../../../tasks/files/block.ts'
import { assert, suite } from '../../helpers/suite.ts'
import { bound, converge, diff, scratch } from './trial.ts'

function edited(text: string, options: Partial<BlockOptions>): string {
  const { definition, options: edit } = bound(block({ path: '/x', name: 'n', ...options }))
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
  return (definition.after(edit, state) as { path: { content: string } }).path.content
}

const rows: readonly [what: string, text: string, options: Partial<BlockOptions>, result: string][] = [
  ['adds a block at the end', 'a\n', { block: 'x\ny\n' }, 'a\n# BEGIN n\nx\ny\n# END n\n'],
  ['adds a block to nothing', '', { block: 'x' }, '# BEGIN n\nx\n# END n\n'],
  ['ends the last line first', 'a', { block: 'x' }, 'a\n# BEGIN n\nx\n# END n\n'],
  [
    'replaces what is between its marks',
    'a\n# BEGIN n\nold\nold\n# END n\nb\n',
    { block: 'x' },
    'a\n# BEGIN n\nx\n# END n\nb\n',
  ],
  [
    'leaves other blocks alone',
    '# BEGIN m\nx\n# END m\n',
    { block: 'x' },
    '# BEGIN m\nx\n# END m\n# BEGIN n\nx\n# END n\n',
  ],
  ['keeps a missing final newline', '# BEGIN n\nold\n# END n', { block: 'x' }, '# BEGIN n\nx\n# END n'],
  ['keeps CR LF', 'a\r\nb\r\n', { block: 'x\ny' }, 'a\r\nb\r\n# BEGIN n\r\nx\r\ny\r\n# END n\r\n'],
  ['goes after an anchor', 'a\nb\n', { block: 'x', after: /^a/ }, 'a\n# BEGIN n\nx\n# END n\nb\n'],
  ['goes before an anchor', 'a\nb\n', { block: 'x', before: /^a/ }, '# BEGIN n\nx\n# END n\na\nb\n'],
  [
    'stays where it is, wherever an anchor says',
    'a\n# BEGIN n\nx\n# END n\nb\n',
    { block: 'y', after: /^b/ },
    'a\n# BEGIN n\ny\n# END n\nb\n',
  ],
  ['is an empty block', 'a\n', { block: '' }, 'a\n# BEGIN n\n# END n\n'],
  [
    'takes other markers',
    'a\n',
    { block: 'x', marker: '<!-- {mark} {name} -->' },
    'a\n<!-- BEGIN n -->\nx\n<!-- END n -->\n',
  ],
  ['goes with its marks', 'a\n# BEGIN n\nx\n# END n\nb', { state: 'absent' }, 'a\nb'],
  ['goes from the end', 'a\n# BEGIN n\nx\n# END n', { state: 'absent' }, 'a\n'],
  ['is not there to go', 'a', { state: 'absent' }, 'a'],
  ['takes dollars for themselves', '', { block: '$& $1', name: '$&' }, '# BEGIN $&\n$& $1\n# END $&\n'],
]

suite(
  'block',
  (test) => {
    for (const [what, text, options, result] of rows) {
      test(what, () => {
        assert.is(edited(text, options), result)
        assert.is(edited(result, options), result, 'a second time changes nothing')
      })
    }

    test('edits a real file once, exactly as predicted, and takes the block out again', () => {
      using dir = scratch()
      const path = dir.at('hosts')
      writeFileSync(path, '127.0.0.1 localhost\n')
      assert.is(converge(block({ path, name: 'cluster', block: '10.0.0.1 cp1\n' })).length, 1)
      assert.equal(converge(block({ path, name: 'cluster', block: '10.0.0.1 cp1' })), [])
      assert.is(readFileSync(path, 'utf8'), '127.0.0.1 localhost\n# BEGIN cluster\n10.0.0.1 cp1\n# END cluster\n')
      converge(block({ path, name: 'cluster', state: 'absent' }))
      assert.is(readFileSync(path, 'utf8'), '127.0.0.1 localhost\n')
    })

    test('stops at a block that has lost its end, and at one that would hold its own marks', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), 'a\n# BEGIN n\nprecious\n')
      assert.throws(
        () => diff(block({ path: dir.at('file'), name: 'n', block: 'x' })),
        /line 2 begins it, but no line "# END n" follows/,
      )
      assert.throws(() => edited('', { block: 'x\n# END n\ny' }), /holds one of its own markers/)
    })

    test('never shows a secret block', () => {
      using dir = scratch()
      writeFileSync(dir.at('file'), '', { mode: 0o644 })
      const [change] = converge(block({ path: dir.at('file'), name: 'n', block: new Secret('hunter2') }))
      assert.is(change?.restricted, true)
      assert.not.match(JSON.stringify(change), /hunter2/)
    })

    test('refuses options that make no sense', () => {
      assert.throws(() => block({ path: '/x', name: '', block: 'x' }), /name has to be one line/)
      assert.throws(() => block({ path: '/x', name: 'n' }), /block is needed/)
      assert.throws(() => block({ path: '/x', name: 'n', block: 'x', marker: '# same' }), /holds \{mark\}/)
    })
  },
  20_000,
)
