import { retry } from '../../runner/model/retry.ts'
import { Secret } from '../../runner/model/secret.ts'
import { safeLines } from '../../runner/engine/host/lines.ts'
import { errorReport } from '../../runner/engine/error-report.ts'
import { assert, suite } from '../helpers/suite.ts'

const linesOf = (text: string): readonly string[] => {
  const lines: string[] = []
  const splitter = safeLines((_, line) => lines.push(line))
  splitter.push('stdout', Buffer.from(text))
  splitter.end()
  return lines
}

suite('limits', (test) => {
  test('a secret is masked where a line is cut, and where its characters would be changed', () => {
    const value = 'tab\tsesame\topen'
    const hidden = new Secret(value)
    assert.ok(hidden)
    assert.equal(linesOf(`it is ${value}\n`), ['it is <secret>'])
    assert.not.match(linesOf(`${'x'.repeat(1995)}${value}`).join(), 'tab')
  })
  test('an error of the playbook itself is told with its line', () => {
    assert.match(errorReport(new TypeError('x is not a function')).at ?? '', /limits\.test\.ts:\d+:\d+$/)
  })
  test('a number of attempts that is none is refused, and tried never', async () => {
    let tried = 0
    const error: unknown = await retry({ times: NaN, delayMs: 0 }, async () => void tried++).catch((it: unknown) => it)
    assert.match(String(error), 'has to be 1 or more')
    assert.is(tried, 0)
  })
})
