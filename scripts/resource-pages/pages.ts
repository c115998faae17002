import type { Declarations } from './declared.ts'
import { indexPage } from './index-page.ts'
import { page } from './page.ts'

/** Where they are, from the project's folder. */
export const pagesFolder = 'docs/resources'

/** Every page by its name. */
export function resourcePages({ declared, exports }: Declarations): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', indexPage(declared)],
    ...declared.map((it) => [`${it.name}.md`, page(it, exports)] as const),
  ])
}
