import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { licencesOf } from './licences.mjs'

/*
 * Writes dist: the types as they are, and the code in few files. Node takes about as long to find and link some hundred
 * modules as a whole run on one host takes otherwise. So the libraries are in them too, but for those that package.json
 * has as dependencies: what is native or has types in the public ones.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
rmSync(`${root}/dist`, { recursive: true, force: true })
execFileSync(`${root}/node_modules/.bin/tsc`, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    'runner/index.ts',
    'runner/testing.ts',
    'runner/cli/main.ts',
    'runner/cli/typescript-hooks.ts',
    'tasks/index.ts',
  ],
  outdir: 'dist',
  outbase: '.',
  bundle: true,
  splitting: true,
  // As deep as the sources, whose paths to one another and to the package are counted from where they are.
  chunkNames: 'runner/cli/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Their ESM is smaller, since only what is used is taken of it.
  mainFields: ['module', 'main'],
  external: Object.keys(manifest.dependencies),
  // Libraries that are CommonJS require Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
})
writeFileSync(`${root}/dist/libraries.txt`, licencesOf(root, Object.keys(metafile.inputs)))
chmodSync(`${root}/dist/runner/cli/main.js`, 0o755)
