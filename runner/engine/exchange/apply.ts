import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { contentBytes } from '../../model/content.ts'
import type { Probe } from '../../model/probe.ts'
import type { ScriptStep, Step, TreeStep, UploadStep } from '../../model/step.ts'
import { detachedScript } from '../../session/detached.ts'
import { placeCall, placeLibrary } from '../../session/place.ts'
import type { Session } from '../../session/session.ts'
import { treeArchive, treeArchiveBytes } from '../../session/tree-archive.ts'
import { treeCall, treePlace, treeStage } from '../../session/tree-place.ts'
import type { HostLock } from '../lock/host-lock.ts'
import { type Answers, exchange, type Part } from './exchange.ts'
import { answerTo, asked, isolated, librariesOf, question, type RawAnswers, unchangedTest } from './probes.ts'

/** One resource that is to be applied: its steps, and what is asked around them. */
export interface Application {
  readonly kind: string
  readonly id: string
  readonly steps: readonly Step[]
  /** Asked again right after the steps. */
  readonly probes: readonly Probe<unknown>[]
  /** The item is left alone, and all after it, unless these probes still answer as they did. */
  readonly guard?: { readonly probes: readonly Probe<unknown>[]; readonly digest: string }
  /** Shell text before the first write: records what the change will call for. */
  readonly head?: string
}

/** A step that ended with a code that is not allowed. */
export interface StepFailure {
  readonly step: Step
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How one application ended; `surprise` and `unreached` ones were not begun. */
export type Applied =
  | { readonly status: 'applied'; readonly raw: RawAnswers }
  | { readonly status: 'failed'; readonly failure: StepFailure }
  | { readonly status: 'surprise' }
  | { readonly status: 'unreached' }
  | { readonly status: 'cut'; readonly timedOut: boolean; readonly aborted: boolean }

/** What fits into an exchange's input, and what a step's content may have to go with it. */
export const stdinLimit = 60 << 10
export const inlineLimit = 32 << 10

const defaultTimeoutMs = 10 * 60_000

export interface ApplyOptions {
  readonly signal?: AbortSignal
  readonly lock?: HostLock | undefined
  /** Output of an application's steps as it arrives. */
  readonly onOutput?: (application: number, stream: 'stdout' | 'stderr', chunk: Buffer) => void
}

/** Applies in order, as one command, and stops at the first surprise or failure. Large contents travel ahead of it. */
export async function apply(
  session: Session,
  applications: readonly Application[],
  options: ApplyOptions,
): Promise<readonly Applied[]> {
  const { lock, signal } = options
  const isLarge = (step: Step) => ('upload' in step || 'tree' in step) && inline(step) > inlineLimit
  if (lock?.isSettled === false && applications.some(({ steps }) => steps.some(isLarge))) {
    // A content that goes ahead is the first write: the lock goes before it.
    await exchange(session, [], {
      timeoutMs: defaultTimeoutMs,
      lock: lock.guard(session),
      ...(signal ? { signal } : {}),
    })
  }
  const input = new Input()
  const parts: Part[] = []
  for (const [i, application] of applications.entries()) {
    parts.push({ label: `a${i}`, script: await applicationScript(session, application, i, input) })
  }
  const timeoutMs = applications.flatMap(({ steps }) => steps).reduce((sum, step) => sum + timeoutOf(step), 60_000)
  const answers = await exchange(session, parts, {
    stdin: input.bytes(),
    libraries: libraries(applications),
    timeoutMs,
    limitOf(label) {
      const [, i, j] = /^s(\d+)\.(\d+)$/.exec(label) ?? []
      const step = applications[Number(i)]?.steps[Number(j)]
      return step === undefined ? undefined : limitOf(step)
    },
    lock: lock?.guard(session),
    ...(signal ? { signal } : {}),
    onOutput: (label, stream, chunk) => {
      const match = /^s(\d+)\./.exec(label)
      if (match) options.onOutput?.(Number(match[1]), stream, chunk)
    },
  })
  return applications.map((application, i) => outcome(application, i, answers))
}

const timeoutOf = (step: Step): number => ('script' in step ? (step.timeoutMs ?? defaultTimeoutMs) : defaultTimeoutMs)

/** What finishes on its own ends itself at its limit, and is waited for a little longer. */
const limitOf = (step: Step): number =>
  timeoutOf(step) + ('script' in step && step.onDisconnect === 'finish' ? 30_000 : 0)

function libraries(applications: readonly Application[]): ReadonlySet<string> {
  const needed = librariesOf(applications.flatMap(({ probes }) => probes))
  const steps = applications.flatMap((application) => application.steps)
  if (steps.some((step) => 'upload' in step || 'tree' in step)) needed.add(placeLibrary)
  if (steps.some((step) => 'tree' in step)) needed.add(treeStage).add(treePlace)
  return needed
}

/** How much a step has to send: what is no more than `inlineLimit` goes with the exchange, the rest ahead of it. */
export const inline = (step: Step): number => {
  if ('tree' in step) return treeArchiveBytes(step.tree)
  // It has a channel of its own.
  if ('download' in step) return inlineLimit + 1
  const content = 'script' in step ? step.stdin : step.upload
  return content === undefined ? 0 : contentBytes(content).length
}

/** The inputs of all steps, one after another; each step takes its own share from the front. */
class Input {
  readonly #parts: Buffer[] = []

  /** Shell text that gives the bytes to the script that follows the pipe. */
  feed(content: Buffer): string {
    if (content.length === 0) return ': |'
    this.#parts.push(content)
    // Exactly that many bytes are taken, whether the script reads them or not: the next step's begin right after.
    return `dd bs=${content.length} count=1 iflag=fullblock 2>/dev/null |`
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

async function applicationScript(session: Session, application: Application, i: number, input: Input): Promise<string> {
  const lines: string[] = []
  if (application.guard)
    lines.push(
      `${unchangedTest(application.guard.probes, application.guard.digest)} || { mark x${i}; mark end; exit 0; }`,
    )
  if (application.head) lines.push(`${isolated(application.head)} || { mark h${i}; mark end; exit 0; }`)
  for (const [j, step] of application.steps.entries()) {
    const run = await stepRun(session, application, step, j, input)
    const ok = ('script' in step && step.okCodes) || [0]
    lines.push(
      `mark s${i}.${j}`,
      run,
      'tsp_rc=$?',
      `mark "r${i}.${j}.$tsp_rc"`,
      `case $tsp_rc in ${ok.join('|')}) ;; *) mark end; exit 0;; esac`,
    )
  }
  for (const [k, probe] of application.probes.entries()) lines.push(`mark q${i}.${k}`, asked(probe))
  return lines.join('\n')
}

async function stepRun(session: Session, application: Application, step: Step, j: number, input: Input) {
  if ('script' in step) return scriptRun(application, step, j, input)
  if ('download' in step) {
    await mkdir(dirname(step.to), { recursive: true })
    await session.download(step.download, step.to)
    return ':'
  }
  return 'tree' in step ? treeRun(session, step, input) : uploadRun(session, step, input)
}

function scriptRun(application: Application, step: ScriptStep, j: number, input: Input): string {
  const stdin = step.stdin === undefined ? undefined : contentBytes(step.stdin)
  const script =
    step.onDisconnect === 'finish'
      ? detachedScript({
          id: stepId(application, j),
          script: step.script,
          limitSeconds: Math.ceil(timeoutOf(step) / 1000),
          hasStdin: stdin !== undefined,
        })
      : step.script
  return stdin === undefined ? isolated(script) : `${input.feed(stdin)} (\n${script}\n)`
}

/** The same step of the same thing has the same id in the next run, which so finds what this one left running. */
export const stepId = (of: { readonly kind: string; readonly id: string }, step: number): string =>
  `${of.kind}-${createHash('sha256').update(`${of.kind}\0${of.id}\0${step}`).digest('hex').slice(0, 16)}`

async function uploadRun(session: Session, step: UploadStep, input: Input): Promise<string> {
  const content = contentBytes(step.upload)
  const { upload: _, ...place } = step
  if (content.length <= inlineLimit) return `${input.feed(content)} ${placeCall({ ...place, source: 'stdin' })}`
  const temporary = await session.upload(step.to, content)
  return isolated(placeCall({ ...place, source: { temporary } }))
}

async function treeRun(session: Session, step: TreeStep, input: Input): Promise<string> {
  const { tree, ...place } = step
  if (inline(step) <= inlineLimit) {
    const archive = await buffer(treeArchive(tree))
    return `${input.feed(archive)} ${treeCall({ ...place, source: 'stdin' })}`
  }
  const stage = await session.uploadTree(step.to, step.rootMode, tree)
  return treeCall({ ...place, source: { stage } })
}

function outcome(application: Application, i: number, answers: Answers): Applied {
  if (answers.has(`x${i}`)) return { status: 'surprise' }
  if (!answers.has(`a${i}`)) return { status: 'unreached' }
  if (answers.has(`h${i}`)) return { status: 'failed', failure: headFailure(application, i, answers) }
  for (const [j, step] of application.steps.entries()) {
    const result = answers.labels.find((label) => label.startsWith(`r${i}.${j}.`))
    if (result === undefined) return { status: 'cut', timedOut: answers.timedOut, aborted: answers.aborted }
    const code = Number(result.slice(`r${i}.${j}.`.length))
    const ok = ('script' in step && step.okCodes) || [0]
    if (ok.includes(code)) continue
    const label = `s${i}.${j}`
    return {
      status: 'failed',
      failure: { step, code, stdout: answers.stdout(label).toString(), stderr: answers.stderr(label).toString() },
    }
  }
  const asked = application.probes.every((_, k) => answers.whole(`q${i}.${k}`))
  if (!asked) return { status: 'cut', timedOut: answers.timedOut, aborted: answers.aborted }
  return {
    status: 'applied',
    raw: new Map(application.probes.map((probe, k) => [question(probe), answerTo(probe, `q${i}.${k}`, answers)])),
  }
}

/** Nothing was written: what is to be done later would have been forgotten. */
function headFailure({ head = '' }: Application, i: number, answers: Answers): StepFailure {
  const step = {
    script: head,
    hint: 'To note what a change calls for under /run takes root: become: true in the play.',
  }
  return { step, code: 1, stdout: '', stderr: answers.stderr(`a${i}`).toString() }
}
