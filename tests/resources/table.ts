import type { Cell } from './cell.ts'
import { properties, type Property } from './row.ts'

const letters = Object.keys(properties) as Property[]

/** The table resource × place × property, with a line for each reason and each failure. */
export function tableText(cells: readonly Cell[]): string {
  const lines = letters.map((letter) => `(${letter}) ${properties[letter]}`)
  const width = Math.max(...cells.map(({ resource }) => resource.length))
  const reasons: string[] = []
  lines.push('', `${''.padEnd(width)}  ${'place'.padEnd(8)} ${letters.map((letter) => letter.padStart(6)).join('')}`)
  const rows = new Map<string, Cell[]>()
  for (const cell of cells) {
    const key = `${cell.resource.padEnd(width)}  ${cell.place.padEnd(8)}`
    rows.set(key, [...(rows.get(key) ?? []), cell])
  }
  for (const [key, row] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const texts = letters.map((letter) => {
      const cell = row.find(({ property }) => property === letter)
      return (cell === undefined ? '' : cellText(cell, reasons)).padStart(6)
    })
    lines.push(`${key} ${texts.join('')}`)
  }
  if (reasons.length > 0) lines.push('', ...reasons.map((reason, i) => `[${i + 1}] ${reason}`))
  return lines.join('\n')
}

/** How many cells are of each colour. */
export function summary(cells: readonly Cell[]): string {
  const red = cells.filter(({ failures }) => failures.length > 0).length
  const green = cells.filter(({ held, failures }) => held > 0 && failures.length === 0).length
  const found = cells.reduce((sum, { held }) => sum + held, 0)
  return `${green} cells are green (${found} findings), ${red} red, ${cells.length - green - red} not tried for the reasons given`
}

/** How often it held; `RED`; or the number of the reason why it was not tried. */
function cellText({ held, failures, reasons: own }: Cell, reasons: string[]): string {
  if (failures.length > 0) return 'RED'
  if (held > 0) return String(held)
  return [...own]
    .map((reason) => {
      if (!reasons.includes(reason)) reasons.push(reason)
      return `[${reasons.indexOf(reason) + 1}]`
    })
    .slice(0, 1)
    .join('')
}
