import { createPalette } from '../../runner/report/palette.ts'
import { recapLines, totalLines } from '../../runner/report/recap.ts'
import { assert, suite } from '../helpers/suite.ts'
import { finished, noCounts } from './samples.ts'

const palette = createPalette(false)

suite('the recap', (test) => {
  test("speaks Ansible's words, aligned by host and count", () => {
    const lines = recapLines(
      { web1: { ...noCounts, ok: 5, changed: 2 }, 'database-1': { ...noCounts, ok: 12, failed: 1 } },
      palette,
    )
    assert.equal(lines, [
      'web1       : ok=5  changed=2 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0',
      'database-1 : ok=12 changed=0 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0',
    ])
  })
  test('may and not run are shown only where they occur', () => {
    const [a, b] = recapLines({ a: { ...noCounts, may: 2, notRun: 1 }, b: noCounts }, palette)
    assert.match(a ?? '', /may=2 not run=1$/)
    assert.match(b ?? '', /ignored=0$/)
  })
  test('many equal hosts share a line, failed ones have their own and come last', () => {
    const recap = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`h${i}`, { ...noCounts, ok: 3 }]))
    const lines = recapLines(
      { bad1: { ...noCounts, failed: 1 }, ...recap, bad2: { ...noCounts, failed: 1 }, odd: { ...noCounts, ok: 4 } },
      palette,
    )
    assert.is(lines.length, 4)
    assert.match(lines[0] ?? '', /^h0, h1 and 198 more \(200 hosts\)\s+: ok=3/)
    assert.match(lines[1] ?? '', /^odd /)
    assert.match(lines[2] ?? '', /^bad1 .*failed=1/)
    assert.match(lines[3] ?? '', /^bad2 .*failed=1/)
  })
  test('failed hosts share lines too where they are many: what failed stands above, and must not be scrolled away', () => {
    const recap = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`h${i}`, { ...noCounts, failed: 1 }]))
    const lines = recapLines({ ...recap, fine: { ...noCounts, ok: 1 }, odd: { ...noCounts, unreachable: 1 } }, palette)
    assert.is(lines.length, 3)
    assert.match(lines[0] ?? '', /^fine /)
    assert.match(lines[1] ?? '', /^h0, h1 and 198 more \(200 hosts\)\s+: .* failed=1/)
    assert.match(lines[2] ?? '', /^odd /)
  })
  test('twenty hosts still have a line each', () => {
    assert.is(
      recapLines(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`h${i}`, noCounts])), palette).length,
      20,
    )
  })
  test('totals count hosts, and name the time and the journal', () => {
    const event = finished({
      a: { ...noCounts, changed: 1 },
      b: { ...noCounts, unreachable: 1 },
      c: { ...noCounts, failed: 1 },
    })
    assert.equal(totalLines({ ...event, status: 'failed' }, 'run', palette), [
      'failed: 3 hosts, 1 changed, 1 failed, 1 unreachable in 1.0 s',
      'journal: .tsplay/runs/r1',
    ])
  })
  test('check mode says what would change', () => {
    assert.match(totalLines(finished({ a: { ...noCounts, changed: 1 } }), 'check', palette)[0] ?? '', /1 would change/)
  })
})
