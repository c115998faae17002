/**
 * The test command: `npm test`, or `node --import tsx tests/run.ts [--again] [PART OF A PATH …]`. Its last line counts
 * tests, and its exit code is 1 when one failed, or when a file ran none, hung, or left processes or files behind.
 * `--again`: files that failed are run once more, with nothing beside them, and named aloud when they then pass.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { exclusive, processes, testFiles } from './harness/files.ts'
import { runAgain } from './harness/run-again.ts'
import { isBad, killAll, runProcess, type ProcessReport } from './harness/test-process.ts'

const atOnce = 2
const limitMs = 15 * 60_000

const words = process.argv.slice(2)
const filters = words.filter((word) => word !== '--again')
const files = await testFiles(filters)
if (files.length === 0) {
  console.error(`No test file matches: ${filters.join(' ')}`)
  process.exit(1)
}
// A short path: sockets below it may be named by 107 bytes at most.
const folder = await mkdtemp('/tmp/tsplay-')
// Tests log in as users that they make.
await chmod(folder, 0o755)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAll()
    process.exit(130)
  })
}
let reports: readonly ProcessReport[] = []
for (const file of files.filter(exclusive)) await run([file])
const gate = pLimit(atOnce)
const groups = await processes(
  files.filter((file) => !exclusive(file)),
  atOnce,
)
await Promise.all(groups.map((group) => gate(run, group)))
const { settled, unsteady } = words.includes('--again')
  ? await runAgain(reports, runOne)
  : { settled: reports, unsteady: [] }
await rm(folder, { recursive: true, force: true })
summarise(settled)

async function run(group: readonly string[]): Promise<void> {
  const report = await runOne(group)
  reports = [...reports, report]
}

async function runOne(group: readonly string[]): Promise<ProcessReport> {
  const own = await mkdtemp(join(folder, 'p'))
  await chmod(own, 0o755)
  const report = await runProcess(group, own, limitMs)
  show(report)
  return report
}

function show(report: ProcessReport): void {
  const seconds = (report.ms / 1000).toFixed(1)
  const bad = isBad(report)
  const what = report.files.length === 1 ? report.files[0] : `${report.files.length} files: ${report.files.join(' ')}`
  console.log(`${bad ? 'FAILED' : 'ok'}  ${what}  (${report.tests.length} tests, ${seconds} s)`)
  if (!bad) return
  console.log(report.output.trimEnd())
  for (const problem of report.problems) console.log(`  ${problem}`)
}

function summarise(all: readonly ProcessReport[]): void {
  const tests = all.flatMap((report) => report.tests)
  const by = (status: string) => tests.filter((test) => test.status === status)
  const problems = all.flatMap((report) => report.problems)
  const skipped = by('skipped')
  if (skipped.length > 0) console.log('\nSkipped:')
  for (const { file, title, reason } of skipped) console.log(`  ${file}: "${title}": ${reason}`)
  if (unsteady.length > 0) console.log('\nUnsteady, passed when run again with nothing beside them:')
  for (const what of unsteady) console.log(`  ${what}`)
  const failed = by('failed')
  if (failed.length + problems.length > 0) console.log('\nFailed:')
  for (const { file, title } of failed) console.log(`  ${file}: "${title}"`)
  for (const problem of problems) console.log(`  ${problem}`)
  const failures = failed.length + problems.length
  console.log(
    `\n${by('passed').length} passed, ${failures} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
  )
  process.exitCode = failures > 0 ? 1 : 0
}
