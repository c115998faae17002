import type { Event } from '../../runner/engine/events.ts'
import { createReducer } from '../../runner/report/state.ts'
import { assert, suite } from '../helpers/suite.ts'
import { at, finished, operation, started } from './samples.ts'

const hosts = ['a', 'b', 'c']
const play: Event = { type: 'play-started', at, play: 'p', hosts, batches: 1 }

suite('the state of a run', (test) => {
  test('operations and hosts are counted by how they ended', () => {
    const { state, reduce } = createReducer()
    for (const event of [started(hosts), play]) reduce(event)
    for (const host of hosts) reduce({ type: 'host-started', at, host, play: 'p' })
    for (const event of operation(1, 'a', { status: 'changed' })) reduce(event)
    for (const event of operation(2, 'b', { status: 'failed' })) reduce(event)
    reduce({ type: 'host-finished', at, host: 'a', play: 'p', status: 'ok', changed: true, durationMs: 1 })
    reduce({ type: 'host-finished', at, host: 'b', play: 'p', status: 'failed', changed: false, durationMs: 1 })
    reduce({ type: 'host-finished', at, host: 'c', play: 'p', status: 'unreachable', changed: false, durationMs: 1 })
    const row = state.plays.get('p')
    if (!row) throw new Error('the play has no row')
    assert.is(row.done, 3)
    assert.is(row.hostsFailed, 1)
    assert.is(row.hostsUnreachable, 1)
    assert.equal(row.operations, { ok: 0, changed: 1, may: 0, failed: 1, skipped: 0 })
    assert.equal(
      state.failures.map(({ host, status }) => [host, status]),
      [
        ['b', 'failed'],
        ['c', 'unreachable'],
      ],
    )
    assert.is(state.running.size, 0)
  })

  test('the host that has been at its work for longest comes first, with the last line it printed', () => {
    const { state, reduce } = createReducer()
    reduce(play)
    for (const host of hosts) reduce({ type: 'host-started', at, host, play: 'p' })
    for (const [i, host] of hosts.entries()) reduce({ ...operation(i, host)[0], at: at + i })
    for (const event of operation(0, 'a').slice(1)) reduce({ ...event, at: at + 10 })
    reduce({ type: 'output', at, host: 'b', play: 'p', operation: 1, stream: 'stdout', line: 'unpacking' })
    assert.equal([...state.running.keys()], ['b', 'c', 'a'])
    assert.is(state.running.get('b')?.operation?.line, 'unpacking')
  })

  test('an aborted body leaves no operation that seems to run', () => {
    const { state, reduce } = createReducer()
    reduce(play)
    reduce({ type: 'host-started', at, host: 'a', play: 'p' })
    reduce(operation(1, 'a')[0])
    reduce({ type: 'host-finished', at, host: 'a', play: 'p', status: 'aborted', changed: false, durationMs: 1 })
    assert.is(state.operations.size, 0)
  })

  test('the end of the run leaves nothing running', () => {
    const { state, reduce } = createReducer()
    reduce(play)
    reduce({ type: 'host-started', at, host: 'a', play: 'p' })
    reduce(operation(1, 'a')[0])
    reduce(finished({}))
    assert.is(state.running.size + state.operations.size, 0)
  })

  test('an event costs less than 10 microseconds at 1,000 hosts with 100 operations each', () => {
    const { reduce } = createReducer()
    const many = Array.from({ length: 1000 }, (_, i) => `host${i}`)
    reduce({ ...play, hosts: many })
    for (const host of many) reduce({ type: 'host-started', at, host, play: 'p' })
    const began = process.cpuUsage()
    let events = 0
    for (let i = 0; i < 100; i++) {
      for (const [j, host] of many.entries()) {
        for (const event of operation(i * 1000 + j, host)) {
          reduce(event)
          events++
        }
      }
    }
    const { user, system } = process.cpuUsage(began)
    const each = (user + system) / events
    assert.ok(each < 10, `${each.toFixed(2)} µs for each event`)
    if (process.env['VERBOSE']) console.log(`${each.toFixed(2)} µs for each event`)
  })
})
