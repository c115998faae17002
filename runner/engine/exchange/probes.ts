import { createHash } from 'node:crypto'
import { TsplayError } from '../../model/errors.ts'
import type { Probe } from '../../model/probe.ts'
import type { Session } from '../../session/session.ts'
import { type Answers, exchange, type Part } from './exchange.ts'

/** The longest script that a session takes, less what an exchange puts around its parts. */
export const scriptLimit = 88 << 10

/** A limit for questions: they answer in milliseconds, or the host is in trouble. */
const probeTimeoutMs = 120_000

/** A probe's text in a subshell of its own, so that it can neither read the exchange's input nor end it. */
export const isolated = (script: string): string => `(\n${script}\n) </dev/null`

/** A probe's text as a part of an exchange. */
export const asked = (probe: Probe<unknown>): string =>
  probe.contained === true ? `{\n${probe.script}\n} </dev/null` : isolated(probe.script)

/** Which question it is: probes of one fact may ask for more or less of it. */
export const question = (probe: Probe<unknown>): string => `${probe.fact}\n${probe.script}`

/** The shell functions that probes call, each once. */
export const librariesOf = (probes: Iterable<Probe<unknown>>): Set<string> =>
  new Set([...probes].flatMap(({ library }) => library ?? []))

/** Raw answers by question. */
export type RawAnswers = ReadonlyMap<string, Buffer>

export interface AskOptions {
  readonly signal?: AbortSignal
  /** @default 2 minutes */
  readonly timeoutMs?: number
}

/** Asks the host everything at once: one round trip, or as many as the size of the questions needs. */
export async function askProbes(
  session: Session,
  probes: Iterable<Probe<unknown>>,
  { signal, timeoutMs = probeTimeoutMs }: AskOptions = {},
): Promise<RawAnswers> {
  const unique = new Map([...probes].map((probe) => [question(probe), probe]))
  const raw = new Map<string, Buffer>()
  for (const batch of batches([...unique.entries()])) {
    const answers = await exchange(session, partsOf(batch.map(([, probe]) => probe)), {
      timeoutMs,
      errors: false,
      libraries: librariesOf(batch.map(([, probe]) => probe)),
      ...(signal ? { signal } : {}),
    })
    if (answers.aborted || answers.timedOut) throw interrupted(answers.timedOut, timeoutMs)
    if (!answers.has('end')) throw killed()
    batch.forEach(([key, probe], i) => raw.set(key, answerTo(probe, `p${i}`, answers)))
  }
  return raw
}

/** What a probe was answered under a label. Throws TsplayError COMMAND where that was too much: a part says something else. */
export function answerTo({ fact }: Probe<unknown>, label: string, answers: Answers): Buffer {
  if (!answers.truncated(label)) return answers.stdout(label)
  throw new TsplayError('COMMAND', `the host answered with more than 8 MiB when it was asked about ${fact}`)
}

/** Each question under `p` and its place among them. */
function partsOf(probes: readonly Probe<unknown>[]): Part[] {
  const alone = probes.map((probe, i) => ({ label: `p${i}`, script: asked(probe), together: probe.together }))
  const calls = new Set(probes.map(({ together }) => together?.call))
  return [...calls].flatMap((call): Part[] => {
    const parts = alone.filter(({ together }) => together?.call === call)
    if (call === undefined || parts.length < 2) return parts
    const words = parts.map(({ label, together }) => `${label} ${together?.subject}`)
    const each = parts.map(({ label, script }) => `mark ${label}\n${script}`)
    return [{ label: call, script: `${isolated([call, ...words].join(' '))}||{\n${each.join('\n')}\n}` }]
  })
}

/** Reads one probe's raw answer. */
export const parseProbe = <T>(probe: Probe<T>, raw: RawAnswers): T =>
  probe.parse((raw.get(question(probe)) ?? Buffer.alloc(0)).toString())

/** What a guard on the host compares: the digest of the raw answers, in order. */
export function digestOf(probes: readonly Probe<unknown>[], raw: RawAnswers): string {
  const hash = createHash('sha256')
  for (const probe of probes) hash.update(raw.get(question(probe)) ?? Buffer.alloc(0)).update('\n')
  return hash.digest('hex')
}

/** Shell text that is true while the raw answers still have that digest. */
export const unchangedTest = (probes: readonly Probe<unknown>[], digest: string): string =>
  `[ "$( { ${probes.map((probe) => `${asked(probe)} 2>/dev/null; echo`).join('; ')}; } | sha256sum)" = '${digest}  -' ]`

function* batches(entries: readonly [string, Probe<unknown>][]): Generator<[string, Probe<unknown>][]> {
  let batch: [string, Probe<unknown>][] = []
  let size = 0
  for (const entry of entries) {
    const { script, together } = entry[1]
    const length = Buffer.byteLength(script) + (together === undefined ? 0 : Buffer.byteLength(together.subject)) + 40
    if (size + length > scriptLimit && batch.length > 0) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(entry)
    size += length
  }
  if (batch.length > 0) yield batch
}

/** What was not answered would read as absent. */
const killed = () =>
  new TsplayError('COMMAND', 'the shell that was asked was killed on the host', {
    hint: 'Nothing was changed by the question. Is the host out of memory?',
  })

const interrupted = (timedOut: boolean, timeoutMs: number) =>
  timedOut
    ? new TsplayError('TIMEOUT', `the host did not answer a read-only question within ${timeoutMs / 1000} s`)
    : new TsplayError('ABORTED', 'stopped while the host was being asked')
