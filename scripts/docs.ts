/** Writes docs/resources anew from the declarations of tasks/: `npm run docs`. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pagesFolder, resourcePages } from './resource-pages/pages.ts'
import { readDeclarations } from './resource-pages/reader.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = resourcePages(readDeclarations(root))
await rm(join(root, pagesFolder), { recursive: true, force: true })
await mkdir(join(root, pagesFolder), { recursive: true })
for (const [name, text] of pages) await writeFile(join(root, pagesFolder, name), text)
console.log(`${pages.size} pages in ${pagesFolder}`)
