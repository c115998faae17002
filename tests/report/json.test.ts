import type { Event } from '../../runner/engine/events.ts'
import { Secret } from '../../runner/model/secret.ts'
import { eventLine } from '../../runner/report/json.ts'
import { createReport } from '../../runner/report/report.ts'
import { createWriter } from '../../runner/report/streams.ts'
import { assert, suite } from '../helpers/suite.ts'
import { at, memoryStream, operation, started } from './samples.ts'

suite('events as NDJSON', (test) => {
  test('each event is one line, and comes back as it was', () => {
    const event = started(['a\nb', 'ü'])
    const line = eventLine(event)
    assert.is(line.indexOf('\n'), line.length - 1)
    assert.equal(JSON.parse(line), event)
  })
  test('what a terminal would obey is escaped', () => {
    const event: Event = { type: 'notice', at, level: 'info', message: '\x1b[2J\x9b2J\u202e\u2028' }
    const line = eventLine(event)
    assert.match(line, /^[\x20-\x7e]*\n$/)
    assert.equal(JSON.parse(line), event)
  })
  test('a secret that slipped into a change is neither written nor fatal', () => {
    const [, event] = operation(1, 'a', { changes: [{ field: 'x', before: undefined, after: new Secret('hunter2') }] })
    const line = eventLine(event)
    assert.not.match(line, /hunter2/)
    assert.is(JSON.parse(line).type, 'notice')
  })
  test('a slow reader gets all lines in order, in few writes', async () => {
    const stdout = memoryStream({ delayMs: 5 })
    const report = createReport({ output: 'json', diff: false, verbosity: 0, stdout, stderr: memoryStream(), env: {} })
    for (let i = 0; i < 1000; i++) report.emit({ type: 'notice', at: i, level: 'info', message: 'x' })
    await report.close()
    const times = stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => Number(JSON.parse(line).at))
    assert.equal(
      times,
      Array.from({ length: 1000 }, (_, i) => i),
    )
    assert.ok(stdout.writes <= 3, `${stdout.writes} writes`)
  })
  test('a reader that leaves does not stop the run', async () => {
    const stream = memoryStream({ write: (_, callback) => (callback?.(new Error('EPIPE')), false) })
    const writer = createWriter(stream)
    writer.write('a\n')
    writer.write('b\n')
    await writer.close()
  })
})
