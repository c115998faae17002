import { Tally } from '../../runner/engine/tally.ts'
import { assert, suite } from '../helpers/suite.ts'

const base = { at: 0, host: 'a', play: 'p' } as const
const failure = { ...base, operation: 1, taskPath: [], kind: 'command', id: 'x', changes: [], durationMs: 0 }

/** What is counted as rescued when an operation failed in a body that ended so. */
function rescued(status: 'ok' | 'failed' | 'aborted'): number | undefined {
  const tally = new Tally()
  tally.emit({ ...base, type: 'host-started' })
  tally.emit({ ...failure, type: 'operation-finished', status: 'failed' })
  tally.emit({ ...base, type: 'host-finished', status, changed: false, durationMs: 0 })
  return tally.recap['a']?.rescued
}

suite('tally', (test) => {
  test('a failure is rescued where the body went on to its end, not where it ended the body or the user did', () => {
    assert.equal([rescued('ok'), rescued('failed'), rescued('aborted')], [1, 0, 0])
  })
})
