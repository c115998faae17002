import { Secret } from '../../runner/model/secret.ts'
import { changeLines, changeSummary, showValue } from '../../runner/report/diff.ts'
import { createPalette } from '../../runner/report/palette.ts'
import { assert, suite } from '../helpers/suite.ts'

const palette = createPalette(false)

suite('changes as text', (test) => {
  test('a field shows both sides', () => {
    assert.equal(changeLines({ field: 'mode', before: '0644', after: '0600' }, palette), ['mode: 0644 → 0600'])
    assert.is(changeSummary({ field: 'running', before: undefined, after: true }), 'running: (none) → true')
  })
  test('texts are a unified diff with context', () => {
    const lines = changeLines({ field: 'content', before: 'a\nb\nc\n', after: 'a\nB\nc\n', text: true }, palette)
    assert.equal(lines, ['content:', '@@ -1,3 +1,3 @@', ' a', '-b', '+B', ' c'])
  })
  test('a new text is all additions', () => {
    const lines = changeLines({ field: 'content', before: undefined, after: 'a\n', text: true }, palette)
    assert.equal(lines, ['content:', '@@ -0,0 +1,1 @@', '+a'])
  })
  test('a long diff is cut, and says by how much', () => {
    const after = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('')
    const lines = changeLines({ field: 'content', before: '', after, text: true }, palette)
    assert.ok(lines.length < 70)
    assert.match(lines.at(-1) ?? '', /^\(\d+ more lines\)$/)
  })
  test('restricted sides are not shown, in full or in short', () => {
    const change = {
      field: 'content',
      before: 'old secret',
      after: 'new secret',
      text: true,
      restricted: true,
    } as const
    for (const text of [changeSummary(change), ...changeLines(change, palette)]) {
      assert.is(text, 'content: (content not shown)')
    }
  })
  test('a secret is never shown, also deep inside', () => {
    assert.is(showValue(new Secret('hunter2')), '(content not shown)')
    assert.is(showValue({ deep: [new Secret('hunter2')] }), '(content not shown)')
  })
  test('control characters of a file do not reach the terminal', () => {
    const lines = changeLines({ field: 'content', before: 'a', after: '\x1b[2Jb\x07', text: true }, palette)
    assert.not.match(lines.join(''), /[\x00-\x1f]/)
  })
})
