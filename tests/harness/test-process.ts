import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestEnd, TestRecord } from '../helpers/test-record.ts'
import { idleLooks } from './idle.ts'
import { leftBehind } from './left-behind.ts'

export interface ProcessReport {
  readonly files: readonly string[]
  readonly tests: readonly (TestEnd & { readonly file: string })[]
  /** What went wrong beside the tests: each counts as a failure. */
  readonly problems: readonly string[]
  readonly output: string
  readonly ms: number
}

/** Whether something in it counts as a failure. */
export const isBad = ({ problems, tests }: ProcessReport): boolean =>
  problems.length > 0 || tests.some(({ status }) => status === 'failed')

const entry = fileURLToPath(new URL('entry.ts', import.meta.url))

const groups = new Set<number>()

/** Ends every test process that runs: they are groups of their own, and hear nothing of a Ctrl-C. */
export function killAll(): void {
  for (const pid of groups) {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Runs test files in a process of their own, and judges it by more than its exit code. `folder` is new and its own. */
export async function runProcess(
  files: readonly string[],
  folder: string,
  limitMs: number,
  /** For how many looks, two a second, it may idle after its last test: sockets and timers that are still open keep it. */
  idleLimit = 20,
): Promise<ProcessReport> {
  const start = performance.now()
  const temporary = join(folder, 'tmp')
  const recordFile = join(folder, 'record')
  await mkdir(temporary, { recursive: true })
  await chmod(temporary, 0o1777)
  const child = spawn(process.execPath, ['--import', 'tsx', entry, ...files], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      TSPLAY_TEST_PATIENCE: '4',
      ...process.env,
      TSPLAY_TEST_TMPDIR: temporary,
      TSPLAY_TEST_RECORD: recordFile,
    },
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${process.execPath} can not be started`)
  groups.add(pid)
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))

  let killed: string | undefined
  const kill = (why: string) => {
    killed ??= why
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It ended meanwhile.
    }
  }
  const limit = setTimeout(() => kill(`was stopped after ${Math.round(limitMs / 1000)} s`), limitMs)
  const idle = idleLooks(pid)
  const watch = setInterval(() => {
    void records(recordFile).then(async (found) => {
      if (isDone(found, files) && (await idle()) > idleLimit) {
        kill('did not end after its last test: something is still open')
      }
    })
  }, 500)
  const code = await new Promise<number | null>((resolve) => child.once('exit', (exitCode) => resolve(exitCode)))
  groups.delete(pid)
  clearTimeout(limit)
  clearInterval(watch)

  const left = await leftBehind([folder, `tsplay-t${pid}x`])
  const found = await records(recordFile)
  const tests = found.filter((record) => record.type === 'test')
  const problems = [
    ...(killed === undefined ? [] : [killed]),
    ...found.flatMap((record) =>
      record.type === 'broken' ? [`${record.file} can not be loaded: ${record.message}`] : [],
    ),
    ...withoutTests(found, files),
    ...left.map((process) => `left a process behind: ${process.command}`),
    ...(await filesLeft(temporary)).map((name) => `left a file behind in the temporary folder: ${name}`),
    ...unfinished(found),
  ].map((problem) => (problem.includes('.test.ts') ? problem : `${files.join(' ')} ${problem}`))
  const failed = tests.some((test) => test.status === 'failed')
  if (code !== 0 && !failed && problems.length === 0) problems.push(`ended with exit code ${String(code)}`)
  return { files, tests, problems, output: Buffer.concat(output).toString(), ms: performance.now() - start }
}

/** The TypeScript loader's cache may stay. */
const filesLeft = async (folder: string) => (await readdir(folder)).filter((name) => !name.startsWith('tsx-'))

async function records(file: string): Promise<TestRecord[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TestRecord)
}

const isDone = (found: readonly TestRecord[], files: readonly string[]) =>
  withoutTests(found, files).length === 0 && unfinished(found).length === 0

const withoutTests = (found: readonly TestRecord[], files: readonly string[]) =>
  files.filter((file) => !found.some((record) => record.file === file)).map((file) => `${file} has run no test`)

function unfinished(found: readonly TestRecord[]): string[] {
  const ended = found.flatMap((record) =>
    record.type === 'test' ? [`${record.file} ${record.suite} ${record.title}`] : [],
  )
  return found.flatMap((record) =>
    record.type === 'suite'
      ? record.titles
          .filter((title) => !ended.includes(`${record.file} ${record.suite} ${title}`))
          .map((title) => `${record.file}: "${title}" did not run to its end`)
      : [],
  )
}
