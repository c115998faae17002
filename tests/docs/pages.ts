import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Block {
  readonly page: string
  /** `docs/playbooks.md:12`, where its text begins. */
  readonly at: string
  readonly language: string
  readonly text: string
}

/** Every page of the documentation, from the project's folder. */
export async function pages(): Promise<string[]> {
  const docs = await readdir(join(root, 'docs'), { recursive: true })
  return ['README.md', ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
}

export const textOf = (page: string) => readFile(join(root, page), 'utf8')

/** The fenced blocks of a page. */
export async function blocksOf(page: string): Promise<Block[]> {
  const source = await textOf(page)
  return [...source.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: text = '' }) => ({
    page,
    at: `${page}:${source.slice(0, index).split('\n').length + 1}`,
    language,
    text,
  }))
}
