import { join } from 'node:path'
import { loadModule } from '../../runner/cli/load-module.ts'
import { loadPlaybook } from '../../runner/cli/load-playbook.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** What `npm init -y` writes. */
const manifest = '{ "name": "mine", "version": "1.0.0", "type": "commonjs" }'

async function failure(act: Promise<unknown>): Promise<TsplayError> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, TsplayError)
  return error as TsplayError
}

suite('loading modules', (test) => {
  test('takes TypeScript as a module below a CommonJS package.json, with every form of specifier', async () => {
    await using folder = await temporaryFolder({
      'package.json': manifest,
      'node_modules/dep/package.json': '{ "name": "dep", "type": "module", "exports": "./main.js" }',
      'node_modules/dep/main.js': 'export const dep = "dep"',
      'a.ts': 'export interface A { a: number }\nexport const a = "a"',
      'b.ts': 'export const b: string = "b"',
      'c/index.ts': 'export const c = "c"',
      'data.json': '{ "d": "d" }',
      'site.ts': `
        import { a, type A } from './a.js'
        import { b } from './b.ts'
        import { c } from './c'
        import data from './data.json' with { type: 'json' }
        import { dep } from 'dep'
        const order: string[] = []
        await Promise.resolve()
        {
          await using thing = { async [Symbol.asyncDispose]() { order.push('disposed') } }
          order.push(typeof thing)
        }
        const value: A = { a: 1 }
        export default [a, b, c, data.d, dep, order.join(), value.a, import.meta.dirname]
      `,
    })
    const loaded = await loadModule(join(folder.path, 'site.ts'))
    assert.equal(loaded['default'], ['a', 'b', 'c', 'd', 'dep', 'object,disposed', 1, folder.path])
  })

  test('names the line of the TypeScript file in stacks', async () => {
    await using folder = await temporaryFolder({
      'package.json': manifest,
      'site.ts': 'interface A {\n  a: number\n}\n\nexport const fail = (): A => {\n  throw new Error("here")\n}\n',
    })
    const { fail } = await loadModule(join(folder.path, 'site.ts'))
    try {
      ;(fail as () => void)()
      assert.unreachable()
    } catch (error) {
      assert.match(String((error as Error).stack), `${folder.path}/site.ts:6:`)
    }
  })

  test('shows a syntax error with its line and a caret, also in an imported file', async () => {
    await using folder = await temporaryFolder({
      'site.ts': "import './wrong.ts'\nexport default 1\n",
      'wrong.ts': 'const a = 1\nconst x: = 5\n',
    })
    const error = await failure(loadModule(join(folder.path, 'site.ts')))
    assert.is(error.code, 'PLAYBOOK')
    assert.is(error.at, `${folder.path}/wrong.ts:2:10`)
    assert.is(error.message, 'Unexpected "="\n  2 | const x: = 5\n               ^')
  })

  test('names line and package of an import that is not installed, and says how to install it', async () => {
    await using folder = await temporaryFolder({ 'site.ts': "\nimport { x } from 'not-there'\nexport default x\n" })
    const error = await failure(loadModule(join(folder.path, 'site.ts')))
    assert.is(error.at, `${folder.path}/site.ts:2:20`)
    assert.match(error.message, 'the package "not-there" is not installed')
    assert.is(error.hint, 'Install it: npm install not-there')
  })

  test('names the line of an import of a file that is not there', async () => {
    await using folder = await temporaryFolder({ 'site.ts': "\n\nimport { x } from './nodes.ts'\nexport default x\n" })
    const error = await failure(loadModule(join(folder.path, 'site.ts')))
    assert.is(error.at, `${folder.path}/site.ts:3:20`)
    assert.match(error.message, 'there is no file')
  })

  test('refuses a misspelt import before anything runs, with its line', async () => {
    await using folder = await temporaryFolder({
      'site.ts': "import { prepare } from './a.ts'\nglobalThis.ranSite = true\nexport default prepare\n",
      'a.ts': 'interface A { b: number }\nexport const prepared = 1\n',
    })
    const error = await failure(loadModule(join(folder.path, 'site.ts')))
    assert.is(error.at, `${folder.path}/site.ts:1:26`)
    assert.match(error.message, '"./a.ts" exports no "prepare"')
    assert.is('ranSite' in globalThis, false)
  })

  test('says where a module threw while it was loaded', async () => {
    await using folder = await temporaryFolder({
      'site.ts': 'type A = 1\n\nthrow new RangeError("out of range")\n',
    })
    const error = await failure(loadModule(join(folder.path, 'site.ts')))
    assert.match(error.message, 'RangeError: out of range')
    assert.is(error.at, `${folder.path}/site.ts:3:7`)
  })

  test('says when the file is not there', async () => {
    const error = await failure(loadModule('/nowhere/site.ts'))
    assert.is(error.message, '/nowhere/site.ts can not be read: there is no such file')
  })

  test('finds the running tsplay where the folder has none', async () => {
    await using folder = await temporaryFolder({
      'site.ts': "import { playbook } from 'tsplay'\nconst site = playbook('mine')\nexport default site\n",
    })
    assert.is((await loadPlaybook(join(folder.path, 'site.ts'))).name, 'mine')
  })

  test('tells a missing default export from one that is no playbook', async () => {
    await using folder = await temporaryFolder({
      'none.ts': "import { playbook } from 'tsplay'\nexport const site = playbook('mine')\n",
      'other.ts': 'export default 5\n',
    })
    const none = await failure(loadPlaybook(join(folder.path, 'none.ts')))
    assert.match(none.message, 'has no default export')
    assert.is(none.hint, 'End it with: export default site')
    const other = await failure(loadPlaybook(join(folder.path, 'other.ts')))
    assert.match(other.message, 'is no playbook, but a number')
  })
})
