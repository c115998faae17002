/**
 * `npm run test:resources [-- [RESOURCE …] [--place=debian|dnf|busybox|apk|openrc] [--only=abc]]`: tries every property of every
 * resource on every place, two places at a time, prints the table, and exits with 1 when a cell is red; when it is
 * interrupted, it prints what it has seen so far. The place apk needs a static apk, which `TSPLAY_APK` names.
 */
import { apkProblem, apkProgram } from './apk-program.ts'
import { busyboxPlace } from './busybox.ts'
import { Cells } from './cell.ts'
import { CleanUp } from '../helpers/clean-up.ts'
import { debianPlace } from './debian.ts'
import { examineRow } from './examine.ts'
import { openrcFiles } from './openrc-files.ts'
import type { Place, PlaceName } from './place.ts'
import type { Property } from './row.ts'
import { rows } from './rows.ts'
import { summary, tableText } from './table.ts'

/** Places of one line are tried one after the other, and lines at the same time; they take about as long as each other. */
const lines: readonly (readonly PlaceName[])[] = [['debian'], ['busybox', 'dnf', 'apk', 'openrc']]

const words = process.argv.slice(2)
const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
const named = words.filter((word) => !word.startsWith('--'))
const only = option('only')?.split('') as Property[] | undefined
const places = option('place')?.split(',') ?? lines.flat()
const chosen = rows.filter(({ resource }) => named.length === 0 || named.includes(resource))
const cells = new Cells()
const begun = Date.now()
const secondsSince = (then: number) => ((Date.now() - then) / 1000).toFixed(1)

/** A place, and one of its kind whose programs can be killed. */
async function open(name: PlaceName, stack: CleanUp): Promise<{ place: Place; killable: Place }> {
  if (name === 'debian' || name === 'dnf') {
    const place = stack.use(await debianPlace(name))
    return { place, killable: place }
  }
  const brings = {
    busybox: () => ({}),
    apk: () => ({ apk: apkProgram as string }),
    openrc: () => ({ openrc: openrcFiles() }),
  }[name]()
  const place = stack.use(await busyboxPlace(brings))
  return { place, killable: stack.use(await busyboxPlace({ ...brings, shell: 'dash' })) }
}

async function examine(name: PlaceName): Promise<void> {
  const here = chosen.filter((row) => (row.places ?? ['busybox', 'debian']).includes(name))
  if (here.length === 0) return
  if (name === 'apk' && apkProgram === undefined) return console.error(`apk: skipped: ${apkProblem}`)
  await using stack = new CleanUp()
  const { place, killable } = await open(name, stack)
  for (const row of here) {
    const started = Date.now()
    for (const one of row.cases) {
      const known = cells.failuresOn(name).length
      await examineRow(place, { ...row, cases: [one] }, cells, { killable, ...(only ? { only } : {}) })
      for (const failure of cells.failuresOn(name).slice(known)) console.error(`RED  ${failure}`)
    }
    const found = cells.all
      .filter(({ held, failures }) => held + failures.length > 0)
      .filter((cell) => cell.resource === row.resource && cell.place === name)
      .map(({ property, held, failures }) => `${property} ${failures.length > 0 ? 'RED' : held}`)
    console.error(`${name} ${row.resource} ${secondsSince(started)} s: ${found.toSorted().join(', ')}`)
  }
}

const broken: string[] = []

function report(): void {
  if (cells.all.length > 0) console.log(tableText(cells.all))
  for (const failure of [...cells.failures, ...broken]) console.log(`RED  ${failure}`)
  console.log(`\n${summary(cells.all)}; ${secondsSince(begun)} s`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    report()
    console.log('not whole: it was interrupted')
    process.exit(130)
  })
}
await Promise.all(
  lines.map(async (line) => {
    for (const name of line)
      if (places.includes(name)) await examine(name).catch((error: unknown) => broken.push(`${name}: ${String(error)}`))
  }),
)
report()
process.exitCode = cells.failures.length + broken.length > 0 ? 1 : 0
