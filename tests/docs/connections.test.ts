import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { root, textOf } from './pages.ts'

interface Reference {
  readonly file: string
  readonly title: string
}

/** `folder/file: *title*, *title*; …` in the last cell of a row. */
function references(row: string): Reference[] {
  const cell = row.split(' | ').at(-1) ?? ''
  return cell.split(/;\s+/).flatMap((part) => {
    const [, file = ''] = /(?:^|\s)([a-z0-9-]+(?:\/[a-z0-9-]+)+):/.exec(part) ?? []
    return [...part.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => ({ file, title }))
  })
}

/** Every text of the test files whose path begins so, with `…` for what is put in at run time. */
async function readTexts(file: string): Promise<string[]> {
  const names = await readdir(join(root, 'tests'), { recursive: true })
  const sources = names.filter((name) => name.startsWith(file) && name.endsWith('.ts'))
  const read = await Promise.all(sources.map((name) => readFile(join(root, 'tests', name), 'utf8')))
  const literal = /'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g
  return [...read.join('\n').matchAll(literal)].map(([, single, double, template]) =>
    (single ?? double ?? template ?? '').replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\\(.)/g, '$1'),
  )
}

const known = new Map<string, Promise<string[]>>()

function texts(file: string): Promise<string[]> {
  const found = known.get(file) ?? readTexts(file)
  known.set(file, found)
  return found
}

/** Whether a title in a document, which may be cut by `…`, is that of a test. */
function names(title: string, text: string): boolean {
  const parts = title.split('…').map((part) => part.trim())
  let from = 0
  for (const part of parts) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return text.startsWith(parts[0] ?? '') && (title.endsWith('…') || text.endsWith(parts.at(-1) ?? ''))
}

suite('the table of connections', (test) => {
  test('names in every row a test that exists, or says that there is none', async () => {
    const rows = (await textOf('docs/connections.md'))
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (?:Case|Event) \|/.test(line))
    assert.ok(rows.length > 50)
    const wrong: string[] = []
    for (const row of rows) {
      const found = references(row.replace(/\s*\|$/, ''))
      if (found.length === 0 && !row.includes('not tested')) wrong.push(`names no test: ${row}`)
      for (const { file, title } of found) {
        if (file === '' || !(await texts(file)).some((text) => names(title, text))) wrong.push(`${file}: ${title}`)
      }
    }
    assert.equal(wrong, [])
  })
}, 60_000)
