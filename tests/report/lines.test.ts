import type { Event } from '../../runner/engine/events.ts'
import { createLines } from '../../runner/report/lines.ts'
import { createPalette } from '../../runner/report/palette.ts'
import { createReport } from '../../runner/report/report.ts'
import { assert, suite } from '../helpers/suite.ts'
import { at, finished, memoryStream, noCounts, operation, started } from './samples.ts'

const play: Event = { type: 'play-started', at, play: 'p', hosts: ['a'], batches: 1 }
const sent: Event = { type: 'command-sent', at, host: 'a', user: 'root', script: 'uname -r' }

function show(events: readonly Event[], { diff = false, verbosity = 0 } = {}): string[] {
  let text = ''
  const writer = { write: (more: string) => void (text += more), close: async () => {} }
  const lines = createLines({ writer, palette: createPalette(false), diff, verbosity })
  for (const event of events) lines.emit(event)
  lines.close()
  return text.split('\n').filter((line) => line !== '')
}

suite('a run as lines', (test) => {
  test('begins with playbook, inventory, hosts and mode', () => {
    assert.equal(show([started(['a'])]), ['site on hosts.yaml, 1 host, run'])
    assert.match(show([started(['a', 'b'], 'check')])[0] ?? '', /2 hosts, check: nothing is changed$/)
  })
  test('what changed has a line with its host; what was fine has none', () => {
    const changed = operation(2, 'a', { status: 'changed', durationMs: 4200 })
    assert.equal(show([play, ...operation(1, 'a'), ...changed]), [
      'PLAY p (1 host)',
      'a: changed web > file /etc/motd (4.2 s)',
    ])
  })
  test('check mode says what would change, and how, and why it may', () => {
    const changes = [{ field: 'mode', before: '0644', after: '0600' }]
    const would = operation(1, 'a', { status: 'changed', changes })
    const may = operation(2, 'a', { status: 'may', reason: 'package nginx is not there yet' })
    assert.equal(show([started(['a'], 'check'), ...would, ...may]).slice(1), [
      'a: would change web > file /etc/motd (mode: 0644 → 0600)',
      'a: may change web > file /etc/motd: package nginx is not there yet',
    ])
  })
  test('--diff shows the changes', () => {
    const changes = [{ field: 'mode', before: '0644', after: '0600' }]
    assert.ok(show(operation(1, 'a', { status: 'changed', changes }), { diff: true }).includes('    mode: 0644 → 0600'))
  })
  test('-v shows commands and unchanged operations', () => {
    assert.equal(show([sent, ...operation(1, 'a')]), [])
    assert.equal(show([sent, ...operation(1, 'a')], { verbosity: 1 }), [
      'a: root$ uname -r',
      'a: ok web > file /etc/motd',
    ])
  })
  test('a step is told of after 10 s, and again each 30 s, with the last line it printed', () => {
    let text = ''
    let time = at
    const writer = { write: (more: string) => void (text += more), close: async () => {} }
    const lines = createLines({ writer, palette: createPalette(false), diff: false, verbosity: 0, now: () => time })
    lines.emit(operation(1, 'a')[0])
    lines.emit({ type: 'output', at, host: 'a', play: 'p', operation: 1, stream: 'stdout', line: 'Unpacking\x1b[2J' })
    for (let second = 0; second <= 65; second++) {
      time = at + second * 1000
      lines.tick()
    }
    lines.close()
    assert.equal(text.trimEnd().split('\n'), [
      'a: running for 10.0 s web > file /etc/motd: Unpacking',
      'a: running for 40.0 s web > file /etc/motd: Unpacking',
    ])
  })
  test('ends with the failures in full, the recap and the totals', () => {
    const error = { code: 'COMMAND', message: 'it broke', hint: 'mend it' } as const
    const end: Event = {
      type: 'host-finished',
      at,
      host: 'a',
      play: 'p',
      status: 'failed',
      changed: false,
      error,
      durationMs: 1,
    }
    const lines = show([
      started(['a']),
      play,
      end,
      { ...finished({ a: { ...noCounts, failed: 1 } }), status: 'failed' },
    ])
    assert.equal(lines.slice(2), [
      'a: FAILED: it broke',
      'FAILED a in p',
      '  it broke [COMMAND]',
      '  hint:     mend it',
      'RECAP',
      'a : ok=0 changed=0 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0',
      'failed: 1 host, 0 changed, 1 failed in 1.0 s',
      'journal: .tsplay/runs/r1',
    ])
  })
  test('an event that can not be shown is warned of once, and disturbs nothing', async () => {
    const stdout = memoryStream()
    const stderr = memoryStream()
    const report = createReport({ output: 'lines', diff: false, verbosity: 0, stdout, stderr, env: {} })
    const changes = [
      {
        get field(): string {
          throw new Error('odd')
        },
        before: 1,
        after: 2,
      },
    ]
    report.emit(started(['a'], 'check'))
    for (const event of [
      ...operation(1, 'a', { status: 'changed', changes }),
      ...operation(2, 'a', { status: 'changed', changes }),
    ]) {
      report.emit(event)
    }
    report.emit(finished({ a: noCounts }))
    await report.close()
    assert.is(stderr.text.split('could not be shown').length, 2)
    assert.match(stdout.text, /RECAP/)
  })
  const environments = [
    ['a pipe has no colours', {}, false, false],
    ['FORCE_COLOR colours a pipe', { FORCE_COLOR: '1' }, false, true],
    ['CI gets lines without colours, also on a terminal', { CI: 'true' }, true, false],
    ['a dumb terminal gets plain lines', { TERM: 'dumb' }, true, false],
    ['FORCE_COLOR=0 is none', { FORCE_COLOR: '0' }, false, false],
  ] as const
  for (const [title, env, isTTY, coloured] of environments) {
    test(title, async () => {
      const stdout = memoryStream({ isTTY })
      const report = createReport({ output: 'auto', diff: false, verbosity: 0, stdout, stderr: memoryStream(), env })
      report.emit(started(['a']))
      await report.close()
      assert.is(stdout.text.includes('\x1b'), coloured)
      assert.match(stdout.text, /on hosts.yaml/)
    })
  }
})
