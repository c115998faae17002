import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { assert, suite } from '../helpers/suite.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc')

/** What the compiler says of the invalid programs, by line. */
async function complaints(): Promise<Map<number, string>> {
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, '-p', here('tsconfig.invalid.json'), '--pretty', 'false'], (_error, stdout) =>
      resolve(stdout),
    )
  })
  const found = new Map<number, string>()
  let line = 0
  for (const text of output.split('\n')) {
    line = Number(/invalid\.ts\((\d+),/.exec(text)?.[1] ?? line)
    if (line > 0) found.set(line, `${found.get(line) ?? ''}${text}\n`)
  }
  return found
}

suite(
  'types',
  (test) => {
    test('every program that must not compile is refused at its line, with its message, and nothing else is', async () => {
      const source = await readFile(here('invalid.ts'), 'utf8')
      const expected = new Map(
        source.split('\n').flatMap((text, i) => {
          const part = /\/\/ error: (.*)$/.exec(text)?.[1]
          return part === undefined ? [] : [[i + 1, part.trim()] as const]
        }),
      )
      const found = await complaints()
      assert.ok(expected.size >= 25)
      const wrong = [...new Set([...expected.keys(), ...found.keys()])].filter((line) => {
        const part = expected.get(line)
        return part === undefined || !found.get(line)?.includes(part)
      })
      assert.equal(
        wrong.map((line) => `line ${line}: expected "${expected.get(line)}", got "${found.get(line)}"`),
        [],
      )
    })
  },
  60_000,
)
