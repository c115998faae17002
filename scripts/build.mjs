import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/*
 * Writes dist: the types as they are, and the code in few files. Node takes about as long to find and link five hundred
 * modules as a whole run on one host takes otherwise.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(`${root}/dist`, { recursive: true, force: true })
execFileSync(`${root}/node_modules/.bin/tsc`, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
await build({
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
  packages: 'external',
  logLevel: 'warning',
})
chmodSync(`${root}/dist/runner/cli/main.js`, 0o755)
