import { readdir, readFile } from 'node:fs/promises'
import * as tasks from '../../tasks/index.ts'

/** Exported resources that the table has no row for, and why. */
export const rowless: Readonly<Record<string, string>> = {
  kubeObjects: 'it needs the API of a cluster',
  observed: 'it asks, and never changes anything',
}

/** Each exported declaration, up to its body. */
const declaration = /^export (?:const|function) (\w+)[^]*?(?: \{\n|=>)/gm

/** Names of the resources that are exported: what is declared to give a Resource, and can be imported from tasks. */
export async function exportedResources(): Promise<string[]> {
  const files = (await readdir('tasks', { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(files.map((name) => readFile(`tasks/${name}`, 'utf8')))
  const declared = texts.flatMap((text) =>
    [...text.matchAll(declaration)].flatMap(([head, name = '']) => (/\): Resource\b/.test(head) ? [name] : [])),
  )
  return declared.filter((name) => name in tasks).toSorted()
}
