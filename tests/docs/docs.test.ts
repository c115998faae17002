import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { starterFiles } from '../../runner/cli/starter-files.ts'
import { pagesFolder } from '../../scripts/resource-pages/pages.ts'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { type Block, blocksOf, pages, root, textOf } from './pages.ts'

const run = promisify(execFile)
const tsc = join(root, 'node_modules/typescript/bin/tsc')

const allBlocks = async () => (await Promise.all((await pages()).map(blocksOf))).flat()

/** A folder that sees the built package as a user's does. */
async function userFolder() {
  const folder = await temporaryFolder()
  await mkdir(join(folder.path, 'node_modules'))
  await symlink(root, join(folder.path, 'node_modules/tsplay'))
  for (const name of ['typescript', '@types', 'valibot', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(folder.path, 'node_modules', name))
  }
  await folder.write('package.json', '{ "type": "module" }')
  await folder.write('tsconfig.json', starterFiles['tsconfig.json'] ?? '')
  return folder
}

/** Examples of resources are what a task's body may hold. */
const inContext = ({ page, text }: Block) =>
  page.startsWith(pagesFolder) ? `${text}\ndeclare const host: import('tsplay').Host\n` : text

/** Numbers and versions differ from machine to machine. */
const shape = (text: string) =>
  text
    // What takes long says so.
    .replaceAll(/ \(\d+(?:\.\d+)? (?:ms|s)\)$/gm, '')
    .replaceAll(/\d+(?:\.\d+)? (?:ms|s)\b/g, '<time>')
    // What takes long says how long: here, and not in the readme, on a busy machine.
    .replaceAll(/ \(<time>\)$/gm, '')
    .replaceAll(/runs\/\S+/g, 'runs/<id>')
    .replaceAll(/welcome to .*/g, 'welcome to <os>')
    .trim()
    .split('\n')
    // Hosts are faster or slower.
    .toSorted()

suite(
  'the documentation',
  (test) => {
    test('every TypeScript block of it type-checks against the built package', async () => {
      const blocks = (await allBlocks()).filter(({ language }) => language === 'ts')
      assert.ok(blocks.length >= 10, `${blocks.length} blocks`)
      await using folder = await userFolder()
      for (const [i, block] of blocks.entries()) {
        // A first comment may name the file, which other blocks of the page then import.
        const page = block.page.replaceAll(/\W/g, '-')
        const exported = /^export const (\w+) = resource/m.exec(block.text)?.[1]
        await folder.write(`${page}/${exported ?? `block-${i}`}.ts`, inContext(block))
      }
      const { stdout } = await run(process.execPath, [tsc, '-p', '.', '--pretty', 'false', '--noEmit'], {
        cwd: folder.path,
      }).catch((error: { readonly stdout: string }) => error)
      const told = stdout.replaceAll(/block-(\d+)\.ts/g, (_, i: string) => blocks[Number(i)]?.at ?? '?')
      assert.is(told, '')
    })

    test('every link of it leads to a file that is there', async () => {
      const missing: string[] = []
      for (const page of await pages()) {
        const text = await textOf(page)
        for (const [, link = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
          if (!/^https?:/.test(link) && !existsSync(join(root, dirname(page), link))) missing.push(`${page}: ${link}`)
        }
      }
      assert.equal(missing, [])
    })

    test("the readme's playbook plans and runs as it shows, and its typo is refused", async () => {
      const blocks = await blocksOf('README.md')
      const site = blocks.find(({ text }) => text.startsWith('// site.ts'))
      const transcript = blocks.filter(({ text }) => text.startsWith('$ npx tsplay')).map(({ text }) => text)
      const shown = transcript.flatMap((text) => text.split(/^\$ npx tsplay /m).slice(1))
      assert.ok(site)
      assert.is(shown.length, 3)
      await using folder = await userFolder()
      const source = site?.text ?? ''
      await folder.write('site.ts', source)
      const env = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: join(folder.path, 'cache') }
      const tsplay = (args: string) => {
        const main = join(root, 'dist/runner/cli/main.js')
        return run(process.execPath, [main, ...args.split(' ')], { cwd: folder.path, env }).catch(
          (error: { readonly stdout: string; readonly stderr: string }) => error,
        )
      }
      for (const [i, text] of shown.entries()) {
        const [command = '', ...rest] = text.split('\n')
        const typo = i === 2
        if (typo) await folder.write('site.ts', source.replace('mode:', 'moed:'))
        const { stdout, stderr } = await tsplay(command)
        // On hosts with nothing left to change, the run is faster than the compiler: it does not end well before it.
        if (typo) assert.not.match(stdout, 'RECAP')
        assert.equal(shape(typo ? stderr : stdout + stderr), shape(rest.join('\n')), command)
      }
    })
  },
  120_000,
)
