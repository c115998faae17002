import type { Event } from '../../runner/engine/events.ts'
import { createReport } from '../../runner/report/report.ts'
import { detailRows, playRow } from '../../runner/report/live-rows.ts'
import { createPalette } from '../../runner/report/palette.ts'
import { createReducer } from '../../runner/report/state.ts'
import { width } from '../../runner/report/terminal-safe.ts'
import { assert, suite } from '../helpers/suite.ts'
import { at, finished, memoryStream, noCounts, operation, started } from './samples.ts'

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const palette = createPalette(false)
const env = { TERM: 'xterm', NO_COLOR: '1' }

function busy(hosts: number, failures: number) {
  const { state, reduce } = createReducer()
  const names = Array.from({ length: hosts }, (_, i) => `a-rather-long-host-name-${i}.example.net`)
  const play: Event = { type: 'play-started', at, play: '日本 play with a long name', hosts: names, batches: 3 }
  reduce(play)
  reduce({ type: 'batch-started', at, play: play.play, batch: 2, hosts: names })
  for (const [i, host] of names.entries()) {
    reduce({ type: 'host-started', at, host, play: play.play })
    reduce(operation(i, host)[0])
    const line = `Unpacking\x1b[2J 日本語 ${'x'.repeat(300)}`
    reduce({ type: 'output', at, host, play: play.play, operation: i, stream: 'stdout', line })
  }
  for (const host of names.slice(0, failures)) {
    const error = { code: 'COMMAND', message: `it broke\nbadly ${'y'.repeat(300)}` } as const
    reduce({ type: 'host-finished', at, host, play: play.play, status: 'failed', changed: false, error, durationMs: 1 })
  }
  if (!state.current) throw new Error('no play runs')
  return { state, play: state.current }
}

suite('a run on a terminal', (test) => {
  test('rows never outgrow the screen, whatever its size and however many hosts there are', () => {
    for (const hosts of [1, 3, 200, 1000]) {
      const { state, play } = busy(hosts, Math.floor(hosts / 3))
      for (const columns of [30, 36, 76, 96, 196]) {
        for (const rows of [0, 1, 3, 7, 21, 50]) {
          const lines = detailRows(state, play, at + 5000, { columns, rows }, palette)
          assert.ok(lines.length <= Math.min(rows, 12), `${lines.length} lines in ${rows} rows`)
          for (const line of [playRow(play, at + 5000, columns, palette), ...lines]) {
            assert.ok(width(line) <= columns, `"${line}" in ${columns} columns`)
            assert.not.match(line, /[\x00-\x1f]/)
          }
        }
      }
    }
  })

  test('the slowest hosts and the first failures are named, and the others counted', () => {
    const { state, play } = busy(200, 30)
    const text = detailRows(state, play, at + 5000, { columns: 100, rows: 20 }, palette).join('\n')
    assert.match(text, /^batch 2 of 3: 30\/200 hosts\n/)
    assert.match(
      text,
      /a-rather-long-host-name-30\S* +5 s web > file \/etc\/motd|a-rather-long-host-name-30\S* +5 s file \/etc\/motd/,
    )
    assert.match(text, /and 166 more hosts at work/)
    assert.match(text, /and 26 more failed/)
  })

  test('draws ten frames a second at most, keeps what others print, and leaves the terminal as it was', async () => {
    const stdout = memoryStream({ isTTY: true, columns: 80, rows: 20 })
    const write: unknown = Reflect.get(stdout, 'write')
    const report = createReport({ output: 'auto', diff: false, verbosity: 0, stdout, stderr: memoryStream(), env })
    report.emit(started(['a', 'b']))
    report.emit({ type: 'play-started', at: Date.now(), play: 'p', hosts: ['a', 'b'], batches: 1 })
    for (const host of ['a', 'b']) report.emit({ type: 'host-started', at: Date.now(), host, play: 'p' })
    await wait(150)
    const before = stdout.writes
    const began = Date.now()
    for (let i = 0; i < 300; i++) {
      for (const event of operation(i, 'a')) report.emit({ ...event, at: Date.now() })
      if (i % 10 === 0) await wait(10)
    }
    stdout.write('a playbook printed this\n')
    const frames = stdout.writes - before
    // A few writes more: what was printed has the rows cleared and drawn anew, and a late frame may be followed by the next.
    assert.ok(frames <= (Date.now() - began) / 100 + 6, `${frames} frames in ${Date.now() - began} ms`)
    for (const host of ['a', 'b']) {
      const status = host === 'a' ? 'ok' : 'unreachable'
      report.emit({ type: 'host-finished', at: Date.now(), host, play: 'p', status, changed: false, durationMs: 1 })
    }
    report.emit({ type: 'play-finished', at: Date.now(), play: 'p' })
    report.emit({ type: 'play-skipped', at: Date.now(), play: 'Later', reason: 'p failed' })
    report.emit(finished({ a: { ...noCounts, ok: 300 }, b: { ...noCounts, unreachable: 1 } }))
    await report.close()
    assert.is(Reflect.get(stdout, 'write'), write)
    const order = [
      'site on hosts.yaml',
      'a playbook printed this',
      '2/2 hosts  1 unreachable  300 ok',
      'PLAY Later skipped',
      'UNREACHABLE b',
      'RECAP',
      'ok: 2 hosts',
    ]
    const places = order.map((part) => stdout.text.lastIndexOf(part))
    assert.equal(
      places,
      [...places].sort((a, b) => a - b),
    )
    assert.ok(
      places.every((place) => place >= 0),
      String(places),
    )
    assert.ok(stdout.text.lastIndexOf('\x1b[?25h') > stdout.text.lastIndexOf('\x1b[?25l'))
  })

  test('stands still while a question is asked below the rows, and goes on afterwards', async () => {
    const stdout = memoryStream({ isTTY: true, columns: 80, rows: 20 })
    const report = createReport({ output: 'live', diff: false, verbosity: 0, stdout, stderr: memoryStream(), env })
    report.emit({ type: 'play-started', at: Date.now(), play: 'p', hosts: ['a'], batches: 1 })
    await wait(150)
    report.hold?.(true)
    const asked = stdout.text
    await wait(250)
    assert.is(stdout.text, asked)
    report.hold?.(false)
    await wait(250)
    assert.is.not(stdout.text, asked)
    await report.close()
  })

  test('a play whose hosts were stopped has no tick', async () => {
    const stdout = memoryStream({ isTTY: true, columns: 80, rows: 20 })
    const report = createReport({ output: 'live', diff: false, verbosity: 0, stdout, stderr: memoryStream(), env })
    report.emit({ type: 'play-started', at: Date.now(), play: 'p', hosts: ['a'], batches: 1 })
    report.emit({ type: 'host-finished', at, host: 'a', play: 'p', status: 'aborted', changed: false, durationMs: 1 })
    report.emit({ type: 'play-finished', at, play: 'p' })
    await report.close()
    assert.match(stdout.text, '✖ p  1/1 host')
  })

  test('leaves no listener or timer behind, also when the run ends in the middle of a play', async () => {
    const listeners = () => ['exit', 'SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name))
    const before = listeners()
    const stdout = memoryStream({ isTTY: true, columns: 80, rows: 20 })
    const report = createReport({ output: 'live', diff: false, verbosity: 0, stdout, stderr: memoryStream(), env })
    report.emit({ type: 'play-started', at, play: 'p', hosts: ['a'], batches: 1 })
    await wait(50)
    await report.close()
    assert.equal(listeners(), before)
    assert.match(stdout.text, /\x1b\[\?25h\s*$/)
  })
})
