import { open, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TsplayError } from '../model/errors.ts'

/** So much of a journal's end is read for the event that ends it. */
const tailBytes = 16 * 1024 * 1024

/**
 * `--limit` with what only the command line knows put in: `@failed` becomes the hosts that failed or were unreachable in
 * the last run of this folder that was no check, and files of patterns (`@file`) are named from this folder. Throws
 * TsplayError USAGE where there was no run, and where no host of it failed.
 */
export async function resolveLimit(limit: string | undefined, cwd: string): Promise<string | undefined> {
  if (limit === undefined || !limit.includes('@')) return limit
  const parts: string[] = []
  for (const part of limit.split(',').map((one) => one.trim())) {
    const [, sign = '', name] = /^([!&]?)@(.*)$/s.exec(part) ?? []
    if (name === undefined) parts.push(part)
    else if (name === 'failed') parts.push(...signed(sign, await failedHosts(join(cwd, '.tsplay', 'runs'))))
    else parts.push(sign === '' ? `@${resolve(cwd, name)}` : part)
  }
  return parts.join(',')
}

function signed(sign: string, hosts: readonly string[]): readonly string[] {
  // An intersection with each host in turn would be empty.
  if (sign === '&' && hosts.length > 1)
    throw new TsplayError('USAGE', '--limit can not hold &@failed: write @failed first')
  return hosts.map((host) => sign + host)
}

/** Hosts that failed or were unreachable in the newest run; all of them where it was cut before its end. */
async function failedHosts(folder: string): Promise<readonly string[]> {
  const none = (message: string) =>
    new TsplayError('USAGE', `--limit @failed: ${message}`, { hint: 'A file of patterns with that name is @./failed.' })
  const names: string[] = await readdir(folder).catch(() => [])
  // Their names begin with the time.
  for (const name of names.toSorted().toReversed()) {
    const run = await endsOf(join(folder, name, 'events.ndjson'))
    if (run?.mode !== 'run') continue
    const failed = run.failed ?? run.hosts
    if (failed.length > 0) return failed
    throw none(`no host failed in the last run (${name})`)
  }
  throw none('there was no run in this folder')
}

interface RunEnds {
  readonly mode: unknown
  readonly hosts: readonly string[]
  /** Absent where the run did not end. */
  readonly failed: readonly string[] | undefined
}

async function endsOf(file: string): Promise<RunEnds | undefined> {
  const handle = await open(file).catch(() => undefined)
  if (!handle) return undefined
  try {
    const { size } = await handle.stat()
    const read = async (from: number, length: number) =>
      (await handle.read(Buffer.alloc(length), 0, length, from)).buffer.toString('utf8')
    const head = parse((await read(0, Math.min(size, tailBytes))).split('\n')[0])
    const last = parse(
      (await read(Math.max(0, size - tailBytes), Math.min(size, tailBytes))).trimEnd().split('\n').at(-1),
    )
    if (head?.['type'] !== 'run-started') return undefined
    const recap = last?.['type'] === 'run-finished' ? mapping(last['recap']) : undefined
    const failed = recap && Object.keys(recap).filter((host) => hasFailed(mapping(recap[host])))
    return { mode: head['mode'], hosts: Array.isArray(head['hosts']) ? head['hosts'].map(String) : [], failed }
  } finally {
    await handle.close()
  }
}

type Mapping = Readonly<Record<string, unknown>>

const hasFailed = (counts: Mapping | undefined) => Number(counts?.['failed']) > 0 || Number(counts?.['unreachable']) > 0

const mapping = (value: unknown): Mapping | undefined =>
  typeof value === 'object' && value !== null ? (value as Mapping) : undefined

function parse(line: string | undefined): Mapping | undefined {
  try {
    return mapping(JSON.parse(line ?? ''))
  } catch {
    return undefined
  }
}
