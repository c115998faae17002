import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { typeCheck } from '../../runner/cli/type-check.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts'

/** The caches of checks go into the test's own folder. */
async function ownCache(folder: TemporaryFolder): Promise<Disposable> {
  const before = process.env['XDG_CACHE_HOME']
  process.env['XDG_CACHE_HOME'] = join(folder.path, 'cache')
  await mkdir(join(folder.path, 'cache'))
  return {
    [Symbol.dispose]() {
      if (before === undefined) delete process.env['XDG_CACHE_HOME']
      else process.env['XDG_CACHE_HOME'] = before
    },
  }
}

async function failure(act: Promise<unknown>): Promise<TsplayError> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, TsplayError)
  return error as TsplayError
}

suite(
  'the type check',
  (test) => {
    test('is done once, and again when an imported file changes', async () => {
      await using folder = await temporaryFolder({
        'site.ts': "import { a } from './a.ts'\nexport const b: number = a\n",
      })
      using _cache = await ownCache(folder)
      await folder.write('a.ts', 'export const a = 1\n')
      const file = join(folder.path, 'site.ts')
      assert.is((await typeCheck(file)).status, 'checked')
      assert.is((await typeCheck(file)).status, 'cached')
      await folder.write('a.ts', "export const a = 'text'\n")
      const error = await failure(typeCheck(file))
      assert.is(error.code, 'TYPES')
      assert.is(error.at, `${folder.path}/site.ts:2:14`)
      assert.match(error.message, "Type 'string' is not assignable to type 'number'. (TS2322)")
      assert.match(error.message, '  2 | export const b: number = a\n                   ^')
      await folder.write('a.ts', 'export const a = 2\n')
      assert.is((await typeCheck(file)).status, 'checked')
    })

    test('looks at the playbook alone, by the settings of the user', async () => {
      await using folder = await temporaryFolder({
        'tsconfig.json': '{ "compilerOptions": { "strict": false, "target": "es2022", "module": "preserve" } }',
        'site.ts': 'export const f = (untyped) => untyped\n',
        'other.ts': 'const wrong: number = "text"\n',
      })
      using _cache = await ownCache(folder)
      assert.is((await typeCheck(join(folder.path, 'site.ts'))).status, 'checked')
      await folder.write('tsconfig.json', '{ "compilerOptions": { "strict": true, "module": "preserve" } }')
      const error = await failure(typeCheck(join(folder.path, 'site.ts')))
      assert.match(error.message, 'TS7006')
    })

    test('accepts top-level await below a CommonJS package.json', async () => {
      await using folder = await temporaryFolder({
        'package.json': '{ "type": "commonjs" }',
        'site.ts': 'await Promise.resolve()\nexport default 1\n',
      })
      using _cache = await ownCache(folder)
      assert.is((await typeCheck(join(folder.path, 'site.ts'))).status, 'checked')
    })

    test('takes the TypeScript of the playbook, and none before 5.5', async () => {
      await using folder = await temporaryFolder({
        'site.ts': 'export default 1\n',
        'node_modules/typescript/package.json': '{ "version": "5.4.5", "bin": { "tsc": "./bin/tsc" } }',
      })
      using _cache = await ownCache(folder)
      // The old one is passed over for the one beside tsplay.
      assert.is((await typeCheck(join(folder.path, 'site.ts'))).status, 'checked')
      await folder.write(
        'node_modules/typescript/package.json',
        '{ "version": "5.9.0", "bin": { "tsc": "./bin/tsc" } }',
      )
      await folder.write('node_modules/typescript/bin/tsc', 'console.log("broken"); process.exit(3)')
      const result = await typeCheck(join(folder.path, 'site.ts'))
      assert.is(result.status, 'skipped')
      assert.match(result.status === 'skipped' ? result.reason : '', 'broken')
    })
  },
  60_000,
)
