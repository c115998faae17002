import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The names, versions and licences of the packages that files below `node_modules` belong to, as text. Throws for one that has none. */
export function licencesOf(root, files) {
  const folders = files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])
  const packages = [...new Set(folders)].toSorted((a, b) => a.localeCompare(b))
  return packages.map((folder) => licenceOf(join(root, folder))).join(`\n${'-'.repeat(80)}\n\n`)
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (license === undefined) throw new Error(`${name} names no licence`)
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}
