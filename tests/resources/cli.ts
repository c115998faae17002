/**
 * `npm run test:resources [-- [RESOURCE …] [--place=debian|dnf|busybox|apk|openrc] [--only=abc]]`: tries every property of every
 * resource on every place, prints the table, and exits with 1 when a cell is red. The place apk needs a static apk, which
 * `TSPLAY_APK` names.
 */
import { apkProblem, apkProgram } from './apk-program.ts'
import { busyboxPlace } from './busybox.ts'
import { Cells } from './cell.ts'
import { debianPlace } from './debian.ts'
import { examineRow } from './examine.ts'
import { openrcFiles } from './openrc-files.ts'
import type { Place } from './place.ts'
import type { Property } from './row.ts'
import { rows } from './rows.ts'
import { tableText } from './table.ts'

const words = process.argv.slice(2)
const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
const named = words.filter((word) => !word.startsWith('--'))
const only = option('only')?.split('') as Property[] | undefined
const places = option('place')?.split(',') ?? ['busybox', 'apk', 'openrc', 'debian', 'dnf']
const chosen = rows.filter(({ resource }) => named.length === 0 || named.includes(resource))
const cells = new Cells()

async function examine(place: Place, killable: Place): Promise<void> {
  for (const row of chosen) {
    if (!(row.places ?? ['busybox', 'debian']).includes(place.name)) continue
    const started = Date.now()
    const known = cells.failures.length
    await examineRow(place, row, cells, { killable, ...(only ? { only } : {}) })
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    const found = cells.all
      .filter(({ held, failures }) => held + failures.length > 0)
      .filter((cell) => cell.resource === row.resource && cell.place === place.name)
      .map(({ property, held, failures }) => `${property} ${failures.length > 0 ? 'RED' : held}`)
    console.error(`${place.name} ${row.resource} ${seconds} s: ${found.toSorted().join(', ')}`)
    for (const failure of cells.failures.slice(known)) console.error(`  ${failure}`)
  }
}

if (places.includes('busybox')) {
  await using place = await busyboxPlace()
  await using killable = await busyboxPlace({ shell: 'dash' })
  await examine(place, killable)
}
if (places.includes('apk')) {
  if (apkProgram === undefined) console.error(`apk: skipped: ${apkProblem}`)
  else {
    await using place = await busyboxPlace({ apk: apkProgram })
    await using killable = await busyboxPlace({ apk: apkProgram, shell: 'dash' })
    await examine(place, killable)
  }
}
if (places.includes('openrc')) {
  const openrc = openrcFiles()
  await using place = await busyboxPlace({ openrc })
  await using killable = await busyboxPlace({ openrc, shell: 'dash' })
  await examine(place, killable)
}
for (const name of ['debian', 'dnf'] as const) {
  if (!places.includes(name)) continue
  await using place = await debianPlace(name)
  await examine(place, place)
}
console.log(tableText(cells.all))
for (const failure of cells.failures) console.log(`RED  ${failure}`)
process.exitCode = cells.failures.length > 0 ? 1 : 0
