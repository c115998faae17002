import { exitCodeOfError } from '../../runner/cli/exit-code.ts'
import { onInterrupt } from '../../runner/cli/interrupt.ts'
import type { Event } from '../../runner/engine/events.ts'
import { Stop } from '../../runner/engine/stop.ts'
import { ConnectError, TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'

suite('interrupts', (test) => {
  test('stop a run one stage at a time, and end the process only after the third', () => {
    const stop = new Stop()
    const events: Event[] = []
    let forced = 0
    const listeners = process.listenerCount('SIGINT')
    {
      using _interrupts = onInterrupt({ stop, emit: (event) => events.push(event), forceExit: () => forced++ })
      process.emit('SIGINT')
      assert.equal([stop.noNewWork.aborted, stop.abort.aborted, forced], [true, false, 0])
      process.emit('SIGTERM')
      assert.equal([stop.abort.aborted, stop.kill.aborted, forced], [true, false, 0])
      process.emit('SIGINT')
      assert.equal([stop.kill.aborted, forced], [true, 0])
      process.emit('SIGINT')
      assert.is(forced, 1)
    }
    assert.is(process.listenerCount('SIGINT'), listeners)
    assert.equal(
      events.map((event) => event.type === 'stopping' && event.stage),
      [1, 2, 3],
    )
  })
})

suite('exit codes', (test) => {
  test('tell what is wrong here from what failed there', () => {
    assert.is(exitCodeOfError(new TsplayError('TYPES', 'x')), 2)
    assert.is(exitCodeOfError(new TsplayError('INVENTORY', 'x')), 2)
    assert.is(exitCodeOfError(new ConnectError('tcp', 'x')), 3)
    assert.is(exitCodeOfError(new ConnectError('timeout', 'x')), 3)
    assert.is(exitCodeOfError(new TsplayError('BECOME', 'x')), 1)
    assert.is(exitCodeOfError(new TsplayError('ABORTED', 'x')), 130)
    assert.is(exitCodeOfError(new Error('a bug')), 1)
  })
})
