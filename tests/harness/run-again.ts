import { isBad, type ProcessReport } from './test-process.ts'

/** So many files may be run again; more than that is no accident of a busy machine. */
const most = 10

/**
 * Runs the files of failed reports once more, one at a time. Each test that passes then was unsteady, and is named; what
 * fails again, or failed where too much else did, stays a failure.
 */
export async function runAgain(
  reports: readonly ProcessReport[],
  run: (files: readonly string[]) => Promise<ProcessReport>,
): Promise<{ readonly settled: readonly ProcessReport[]; readonly unsteady: readonly string[] }> {
  const failing = reports.filter(isBad).flatMap(failingFiles)
  if (failing.length === 0 || failing.length > most) return { settled: reports, unsteady: [] }
  const again = new Map<string, ProcessReport>()
  for (const file of failing) again.set(file, await run([file]))
  const settled = reports.flatMap((report) => {
    const repeated = report.files.filter((file) => again.has(file))
    return repeated.length === 0
      ? [report]
      : [without(report, repeated), ...repeated.flatMap((file) => again.get(file) ?? [])]
  })
  const unsteady = reports.flatMap((report) => [
    ...report.tests
      .filter(({ status, file }) => status === 'failed' && steady(again.get(file)))
      .map(({ file, title }) => `${file}: "${title}"`),
    ...(report.files.every((file) => steady(again.get(file))) ? report.problems : []),
  ])
  return { settled, unsteady }
}

const steady = (report: ProcessReport | undefined) => report !== undefined && !isBad(report)

/** Those with a failed test or a problem of their own; all of them where a problem names none. */
function failingFiles({ files, tests, problems }: ProcessReport): readonly string[] {
  const named = files.filter(
    (file) =>
      tests.some((test) => test.file === file && test.status === 'failed') ||
      problems.some((problem) => problem.includes(file)),
  )
  return named.length > 0 ? named : files
}

function without(report: ProcessReport, files: readonly string[]): ProcessReport {
  return {
    ...report,
    files: report.files.filter((file) => !files.includes(file)),
    tests: report.tests.filter(({ file }) => !files.includes(file)),
    problems: report.problems.filter((problem) => !files.some((file) => problem.includes(file))),
  }
}
