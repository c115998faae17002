import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { runProcess } from './test-process.ts'

const imports = `import { assert, skip, suite } from '${fileURLToPath(new URL('../helpers/suite.ts', import.meta.url))}'\n`

/** What is said of a test file with this text. */
async function judged(text: string, limitMs = 120_000) {
  await using folder = await temporaryFolder({ 'package.json': '{"type":"module"}', 'a.test.ts': imports + text })
  await mkdir(`${folder.path}/own`)
  const report = await runProcess([`${folder.path}/a.test.ts`], `${folder.path}/own`, limitMs, 3)
  return { statuses: report.tests.map((it) => it.status), problems: report.problems.join('\n'), output: report.output }
}

suite(
  'the test command',
  (test) => {
    test('counts tests that pass, fail and are skipped, and shows why', async () => {
      const { statuses, problems, output } = await judged(`suite('s', (test) => {
        test('one', () => {})
        test('two', () => assert.is(1, 2))
        test('three', () => skip('no root here'))
      })`)
      assert.equal(statuses, ['passed', 'failed', 'skipped'])
      assert.is(problems, '')
      assert.match(output, 'SKIPPED "three": no root here')
      assert.match(output, /FAIL .*two/)
    })
    test('a file that runs no test fails, also when it ends with exit code 0', async () => {
      assert.match((await judged('')).problems, 'a.test.ts has run no test')
      assert.match((await judged(`suite('s', () => {})`)).problems, 'a suite without tests')
      assert.match((await judged(`throw new Error('broken')`)).problems, 'can not be loaded: Error: broken')
    })
    test('a file whose process ends in the middle fails with the tests that did not run', async () => {
      const { problems } = await judged(`suite('s', (test) => {
        test('one', () => process.exit(0))
        test('two', () => {})
      })`)
      assert.match(problems, '"one" did not run to its end')
      assert.match(problems, '"two" did not run to its end')
    })
    test('a test that hangs and a file that does not end fail', async () => {
      const hanging = await judged(`suite('s', (test) => test('one', () => new Promise(() => {})), 50)`)
      assert.equal(hanging.statuses, ['failed'])
      const open = await judged(`suite('s', (test) => test('one', () => { setInterval(() => {}, 1000) }))`)
      assert.equal(open.statuses, ['passed'])
      assert.match(open.problems, 'did not end after its last test')
      const busy = await judged(`suite('s', (test) => test('one', () => { for (;;); }))`, 1500)
      assert.match(busy.problems, 'was stopped after 2 s')
    })
    test('a process or a file that is left behind fails its test file', async () => {
      const { statuses, problems } = await judged(`
        import { spawn } from 'node:child_process'
        import { writeFileSync } from 'node:fs'
        import { tmpdir } from 'node:os'
        suite('s', (test) => test('one', () => {
          writeFileSync(tmpdir() + '/rest', '')
          spawn('sleep', ['987'], { detached: true, stdio: 'ignore', env: { HERE: tmpdir() } }).unref()
        }))`)
      assert.equal(statuses, ['passed'])
      assert.match(problems, 'left a process behind: sleep 987')
      assert.match(problems, 'left a file behind in the temporary folder: rest')
    })
  },
  240_000,
)
