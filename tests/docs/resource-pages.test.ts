import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pagesFolder, resourcePages } from '../../scripts/resource-pages/pages.ts'
import { readDeclarations } from '../../scripts/resource-pages/reader.ts'
import { assert, suite } from '../helpers/suite.ts'
import { root, textOf } from './pages.ts'

const remedy = 'npm run docs writes the pages anew; commit them'

suite(
  'the pages of resources and tasks',
  (test) => {
    const declarations = readDeclarations(root)

    test('are what the declarations say', async () => {
      const made = resourcePages(declarations)
      const kept = await readdir(join(root, pagesFolder))
      assert.equal(kept.toSorted(), [...made.keys()].toSorted(), remedy)
      for (const [name, text] of made) {
        const page = `${pagesFolder}/${name}`
        assert.ok((await textOf(page)) === text, `${page} differs from the declarations: ${remedy}`)
      }
    })

    test('show an example each, and explain every option', () => {
      const { declared } = declarations
      const bare = declared.flatMap(({ source, name, examples, parameters }) => [
        ...(examples.length === 0 ? [`${source}: ${name} has no @example`] : []),
        ...parameters
          .flatMap(({ members }) => members)
          .filter(({ text, whenLeftOut }) => text === '' && whenLeftOut === undefined)
          .map((option) => `${source}: the option ${option.name} of ${name} has no comment`),
      ])
      assert.equal(bare, [])
    })

    test('are for what the readme names, which is all but the tasks of Kubernetes', async () => {
      const readme = await textOf('README.md')
      const unnamed = declarations.declared.filter(
        ({ name, folder }) => folder !== 'kubernetes' && !readme.includes(`\`${name}\``),
      )
      assert.equal(
        unnamed.map(({ name }) => name),
        [],
        "README.md's list of resources lacks them",
      )
    })
  },
  300_000,
)
