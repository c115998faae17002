import type { Recap, RunFinished, RunStarted } from '../engine/events.ts'
import type { Palette } from './palette.ts'
import { pad, safeLine, width } from './terminal-safe.ts'
import { count, duration, names } from './wording.ts'

/** Up to so many hosts each has a line of its own. */
const foldAbove = 20

const columns = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const
/** Shown only where they occur. */
const rare = [
  ['may', 'may'],
  ['notRun', 'not run'],
] as const

interface Row {
  readonly label: string
  readonly recap: Recap
}

type Hosts = readonly (readonly [string, Recap])[]

const isBad = (recap: Recap) => recap.failed > 0 || recap.unreachable > 0

/** One line per host in Ansible's words; equal ones folded where there are many, of the failed ones and of the others. */
export function recapLines(recap: RunFinished['recap'], palette: Palette): string[] {
  const hosts = Object.entries(recap)
  const rows = hosts.length > foldAbove ? folded(hosts) : single(hosts)
  const labels = Math.max(0, ...rows.map((row) => width(row.label)))
  const digits = columns.map((name) => Math.max(0, ...rows.map((row) => String(row.recap[name]).length)))
  return rows.map(({ label, recap: counts }) => {
    const cells = columns.map((name, i) => {
      const cell = pad(`${name}=${counts[name]}`, name.length + 1 + (digits[i] ?? 0))
      return counts[name] === 0 ? palette.dim(cell) : colour(name, palette)(cell)
    })
    const extra = rare.filter(([key]) => counts[key] > 0).map(([key, word]) => palette.may(`${word}=${counts[key]}`))
    const name = pad(label, labels)
    return `${isBad(counts) ? palette.failed(name) : name} : ${[...cells, ...extra].join(' ').trimEnd()}`
  })
}

const colour = (name: (typeof columns)[number], palette: Palette) =>
  name === 'ok'
    ? palette.ok
    : name === 'changed' || name === 'rescued'
      ? palette.changed
      : name === 'failed' || name === 'unreachable'
        ? palette.failed
        : palette.may

/** Rows of many hosts: failed ones come last, near the prompt, each on its own while they are few. */
function folded(hosts: Hosts): Row[] {
  const bad = hosts.filter(([, recap]) => isBad(recap))
  return [
    ...shared(hosts.filter(([, recap]) => !isBad(recap))),
    ...(bad.length > foldAbove ? shared(bad) : single(bad)),
  ]
}

const single = (hosts: Hosts): Row[] => hosts.map(([host, recap]) => ({ label: safeLine(host), recap }))

/** Hosts with equal counts share a row, which stands where the first of them stood. */
function shared(hosts: Hosts): Row[] {
  const groups = new Map<string, { readonly names: string[]; readonly recap: Recap }>()
  for (const [host, recap] of hosts) {
    const key = [...columns, 'may' as const, 'notRun' as const].map((name) => recap[name]).join()
    const group = groups.get(key)
    if (group) group.names.push(host)
    else groups.set(key, { names: [host], recap })
  }
  return [...groups.values()].map((group) => ({ label: foldedLabel(group.names), recap: group.recap }))
}

const foldedLabel = (all: readonly string[]) =>
  all.length <= 3 ? names(all, 3) : `${names(all, 2)} (${all.length} hosts)`

/** The last lines of a run: what became of the hosts, how long it took, and where the record lies. */
export function totalLines(event: RunFinished, mode: RunStarted['mode'], palette: Palette): string[] {
  const all = Object.values(event.recap)
  const unreachable = all.filter((recap) => recap.unreachable > 0).length
  const failed = all.filter((recap) => recap.failed > 0 && recap.unreachable === 0).length
  const changed = all.filter((recap) => recap.changed > 0).length
  const may = all.filter((recap) => recap.may > 0).length
  const notRun = all.filter((recap) => recap.notRun > 0).length
  const parts = [
    mode === 'check' ? `${changed} would change` : `${changed} changed`,
    ...(may > 0 ? [`${may} may change`] : []),
    ...(failed > 0 ? [palette.failed(`${failed} failed`)] : []),
    ...(unreachable > 0 ? [palette.failed(`${unreachable} unreachable`)] : []),
    ...(notRun > 0 ? [palette.may(`${notRun} not finished`)] : []),
  ]
  const words = { ok: 'ok', failed: 'failed', unreachable: 'hosts unreachable', interrupted: 'interrupted' }
  const status = event.status === 'ok' ? palette.ok(words.ok) : palette.failed(words[event.status])
  return [
    `${status}: ${count(all.length, 'host')}, ${parts.join(', ')} in ${duration(event.durationMs)}`,
    ...(event.journal === undefined ? [] : [palette.dim(`journal: ${safeLine(event.journal)}`)]),
  ]
}
