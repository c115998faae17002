import { fit, pad, safeLine, safeLines, width } from '../../runner/report/terminal-safe.ts'
import { assert, suite } from '../helpers/suite.ts'

suite('text from hosts in a terminal', (test) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['colours and cursor movements are removed', 'a\x1b[31mb\x1b[2J\x1b[10;10Hc', 'abc'],
    ['a window title is removed with its text', 'a\x1b]0;owned\x07b', 'ab'],
    ['a clipboard write is removed', 'a\x1b]52;c;ZXZpbA==\x1b\\b', 'ab'],
    ['a device control string is removed', 'a\x1bPq#0;2\x1b\\b', 'ab'],
    ['an 8-bit control sequence does not survive', 'a\x9b31mb\x9d0;x\x9cc', 'abc'],
    ['an escape that never ends does not survive', 'a\x1b]0;never', 'a'],
    ['bells and backspaces are shown', 'a\x07\x08b', 'a\\x07\\x08b'],
    ['marks that reorder text are shown', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['an invisible space is shown', 'a\u200bb', 'a\\u200bb'],
    ['a progress line shows its last state', '10%\r50%\r100%\r\n', '100%'],
    ['tabs are expanded to stops of eight', 'a\tb', 'a       b'],
    ['broken Unicode is replaced', 'a\ud800b', 'a\ufffdb'],
    ['other languages stay as they are', '日本語 Ünï 👩‍🚀', '日本語 Ünï 👩‍🚀'],
    ['an unknown is named', '/x/\u{F0000}what it prints\u{F0001}', '/x/(not known yet: what it prints)'],
  ]
  for (const [title, given, expected] of cases) test(title, () => assert.is(safeLine(given), expected))

  test('no control character survives, whichever it is', () => {
    for (let code = 0; code < 0xa0; code++) {
      const shown = safeLine(`x${String.fromCharCode(code)}y${String.fromCharCode(code)}[2Jz`)
      assert.not.match(shown, /[\x00-\x1f\x7f-\x9f]/, `code ${code}`)
    }
  })
  test('a line without an end is cut', () => assert.ok(safeLine('x'.repeat(1e6)).length < 5000))
  test('lines are split, and each is made safe', () => assert.equal(safeLines('a\r\nb\x07\n'), ['a', 'b\\x07']))
  test('a wide character takes two columns, a combining one none', () => {
    assert.is(width('日本'), 4)
    assert.is(width('e\u0301'), 1)
    assert.is(pad('日', 4), '日  ')
  })
  test('cut text is never wider than the room, and never half a character', () => {
    for (let columns = 0; columns < 12; columns++)
      assert.ok(width(fit('日本語の👩‍🚀abc', columns)) <= columns, `${columns}`)
    assert.is(fit('日本語', 4), '日…')
    assert.is(fit('abc', 3), 'abc')
  })
})
