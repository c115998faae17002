import type { ErrorReport } from '../../runner/engine/events.ts'
import { failureLines, groupFailures } from '../../runner/report/error.ts'
import { createPalette } from '../../runner/report/palette.ts'
import type { HostFailure } from '../../runner/report/state.ts'
import { assert, suite } from '../helpers/suite.ts'

const palette = createPalette(false)
const error: ErrorReport = {
  code: 'COMMAND',
  message: 'nginx -t ended with exit code 1',
  at: `${process.cwd()}/site.ts:12:3`,
  taskPath: ['web', 'nginx'],
  command: 'nginx -t',
  exitCode: 1,
  stderr: Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n'),
  hint: 'look at the file',
}
const failure = (host: string, more: Partial<ErrorReport> = {}): HostFailure => ({
  host,
  play: 'Web',
  status: 'failed',
  reason: undefined,
  error: { ...error, ...more },
})

suite('failures as text', (test) => {
  test('say host, task path, place, command, exit code, the last of stderr, and what to do', () => {
    const [group] = groupFailures([failure('web1')])
    if (!group) throw new Error('no group')
    const lines = failureLines(group, palette)
    assert.is(lines[0], 'FAILED web1 in Web')
    for (const part of ['web > nginx', 'site.ts:12:3', 'nginx -t', 'exit:     1', 'line 39', 'look at the file']) {
      assert.ok(
        lines.some((line) => line.endsWith(part)),
        part,
      )
    }
    assert.not.ok(lines.some((line) => line.endsWith('line 3')))
    assert.not.ok(lines.join('\n').includes(process.cwd()))
  })
  test('the same error on many hosts is told once, with its own host named in it or not', () => {
    const hosts = Array.from({ length: 30 }, (_, i) => `web${i + 10}`)
    const groups = groupFailures(hosts.map((host) => failure(host, { message: `${host} said no` })))
    assert.is(groups.length, 1)
    assert.match(failureLines(groups[0]!, palette)[0] ?? '', /and 18 more \(30 hosts\) in Web$/)
  })
  test('different errors stay apart, also when a host is called like an exit code', () => {
    assert.is(groupFailures([failure('web1'), failure('web2', { exitCode: 2 })]).length, 2)
    assert.is(groupFailures([failure('1', { exitCode: 1 }), failure('2', { exitCode: 2 })]).length, 2)
  })
  test('an error from a host can not move the cursor', () => {
    const [group] = groupFailures([failure('web1', { stderr: '\x1b[2J\x1b]0;x\x07gone', message: 'a\x1b[Ab' })])
    assert.not.match(failureLines(group!, palette).join(''), /[\x00-\x1f\x7f-\x9f]/)
  })
})
