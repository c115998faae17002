import { execFile } from 'node:child_process'
import { readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { assert, suite } from './helpers/suite.ts'
import { temporaryFolder } from './helpers/temporary-folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** Packs what `npm run build` left in dist, and says what is in it. */
async function pack(into: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', into], { cwd: root })
  const [packed] = JSON.parse(stdout) as readonly Packed[]
  if (packed === undefined) throw new Error('npm packed nothing')
  return packed
}

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

suite(
  'the package',
  (test) => {
    test('has a lock file that names the packages of all platforms, without which npm ci refuses it', async () => {
      const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
        readonly packages: Readonly<Record<string, LockedPackage>>
      }
      const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies).filter(
          (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
        ),
      )
      assert.equal(missing, [])
    })

    test('builds a program that can be started, since npx links it once and a new build replaces it', async () => {
      const { mode } = await stat(join(root, 'dist/runner/cli/main.js'))
      assert.is(mode & 0o111, 0o111)
    })

    test('holds the build with its libraries and their licences, the schema of inventories, the licence and the readme, and nothing else', async () => {
      await using folder = await temporaryFolder()
      const { files } = await pack(folder.path)
      const others = files.map(({ path }) => path).filter((path) => !/^dist\/(?:runner|inventory|tasks)\//.test(path))
      assert.equal(others.toSorted(), [
        'LICENSE',
        'README.md',
        'dist/libraries.txt',
        'package.json',
        'schemas/inventory.json',
      ])
      const sources = files.filter(({ path }) => /^dist\/.*\//.test(path) && !/\.(?:js|d\.ts)$/.test(path))
      assert.equal(sources, [])
      for (const needed of ['dist/runner/cli/main.js', 'dist/runner/index.d.ts', 'dist/tasks/index.js']) {
        assert.ok(
          files.some(({ path }) => path === needed),
          needed,
        )
      }
    })

    test('works for a stranger in an empty folder: install, init, types, list, plan and run', async () => {
      await using folder = await temporaryFolder()
      const mine = join(folder.path, 'mine')
      const { filename } = await pack(folder.path)
      await folder.write('mine/.keep', '')
      const here = { cwd: mine, env: { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder.path, 'cache') } }
      await run('npm', ['init', '-y'], here)
      // As npm 11 writes it, whichever npm runs here.
      const manifest = JSON.parse(await readFile(join(mine, 'package.json'), 'utf8')) as object
      await folder.write('mine/package.json', JSON.stringify({ ...manifest, type: 'commonjs' }))
      await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder.path, filename)], here)
      const tsplay = (...args: readonly string[]) => run(join(mine, 'node_modules/.bin/tsplay'), [...args], here)

      const { stdout: written } = await tsplay('init')
      assert.match(written, 'wrote   site.ts')
      const { stdout: plays } = await tsplay('list', 'plays', 'site.ts')
      assert.match(plays, /^1\. Say hello/)
      // Without TypeScript in the folder a run says so, and goes on.
      const { stdout: untyped } = await tsplay('plan', 'site.ts', '-i', 'sandbox:1', '--output', 'lines')
      assert.match(untyped, 'types are not checked')
      assert.match(untyped, 'would change directory')

      await symlink(join(root, 'node_modules/typescript'), join(mine, 'node_modules/typescript'))
      await symlink(join(root, 'node_modules/@types'), join(mine, 'node_modules/@types'))
      await run(process.execPath, [join(mine, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], here)
      const { stdout: typed } = await tsplay('run', 'site.ts', '-i', 'sandbox:1', '--output', 'lines')
      assert.not.match(typed, 'types are not checked')
      assert.match(typed, 'changed file')
      assert.match(typed, 'failed=0')
    })
  },
  120_000,
)
