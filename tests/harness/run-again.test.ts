import { assert, suite } from '../helpers/suite.ts'
import { runAgain } from './run-again.ts'
import type { ProcessReport } from './test-process.ts'

const report = (
  statuses: Readonly<Record<string, 'passed' | 'failed'>>,
  problems: readonly string[] = [],
): ProcessReport => ({
  files: Object.keys(statuses),
  tests: Object.entries(statuses).map(([file, status]) => ({ file, suite: 's', title: 't', status, ms: 0 })),
  problems,
  output: '',
  ms: 0,
})

const failures = (reports: readonly ProcessReport[]) =>
  reports.flatMap(({ tests }) => tests.filter(({ status }) => status === 'failed').map(({ file }) => file))

suite('running failed test files again', (test) => {
  test('a file that passes then counts as passed, and is named', async () => {
    const ran: (readonly string[])[] = []
    const { settled, unsteady } = await runAgain(
      [report({ 'a.test.ts': 'passed', 'b.test.ts': 'failed' })],
      async (files) => {
        ran.push(files)
        return report({ 'b.test.ts': 'passed' })
      },
    )
    assert.equal(ran, [['b.test.ts']])
    assert.equal(failures(settled), [])
    assert.is(settled.flatMap(({ tests }) => tests).length, 2)
    assert.equal(unsteady, ['b.test.ts: "t"'])
  })

  test('a file that fails again stays failed', async () => {
    const { settled, unsteady } = await runAgain([report({ 'a.test.ts': 'failed' })], async () =>
      report({ 'a.test.ts': 'failed' }),
    )
    assert.equal(failures(settled), ['a.test.ts'])
    assert.equal(unsteady, [])
  })

  test('what a process left behind is a failure until it leaves nothing', async () => {
    const left = report({ 'a.test.ts': 'passed' }, ['a.test.ts left a process behind'])
    const twice = await runAgain([left], async () => left)
    assert.is(twice.settled.flatMap(({ problems }) => problems).length, 1)
    const once = await runAgain([left], async () => report({ 'a.test.ts': 'passed' }))
    assert.is(once.settled.flatMap(({ problems }) => problems).length, 0)
    assert.equal(once.unsteady, ['a.test.ts left a process behind'])
  })

  test('where more than ten files failed nothing is run again', async () => {
    const many = report(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}.test.ts`, 'failed' as const])))
    const { settled } = await runAgain([many], () => Promise.reject(new Error('it was run again')))
    assert.is(failures(settled).length, 11)
  })
})
