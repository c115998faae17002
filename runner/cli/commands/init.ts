import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, relative, resolve } from 'node:path'
import { Command } from 'commander'
import { TsplayError } from '../../model/errors.ts'
import type { Console } from '../console.ts'
import { starterFiles } from '../starter-files.ts'

const help = `
Examples:
  tsplay init
  tsplay init infrastructure

Files that are there already are kept as they are.`

/** `tsplay init [DIR]`: a first playbook and what it needs. */
export function initCommand(console: Console): Command {
  return new Command('init')
    .summary('write a first playbook, inventory and tsconfig.json')
    .description(
      'Writes a small playbook that runs as it is, an inventory, a tsconfig.json for the editor, and .gitignore.',
    )
    .argument('[dir]', 'the folder; made if needed', '.')
    .addHelpText('after', help)
    .action(async (dir: string) => {
      const folder = resolve(console.cwd, dir)
      const say = (line: string) => void console.stdout.write(`${line}\n`)
      await guarded(folder, () => mkdir(folder, { recursive: true }))
      for (const [name, text] of Object.entries(starterFiles)) {
        const kept = await guarded(join(folder, name), () => writeNew(join(folder, name), text))
        say(`${kept ? 'kept   ' : 'wrote  '} ${join(relative(console.cwd, folder), name)}`)
      }
      const enter = folder === console.cwd ? [] : [`  cd ${relative(console.cwd, folder) || basename(folder)}`]
      const next = [
        ...enter,
        ...(hasTypes(folder) ? [] : [install]),
        '  npx tsplay plan site.ts -i sandbox:3                   what would change, on three hosts made for it here',
        '  npx tsplay run site.ts -i sandbox:3                    change it',
        '  npx tsplay run site.ts                                 on the hosts of hosts.yaml',
      ]
      say(['', 'Next:', ...next].join('\n'))
    })
}

const install =
  '  npm install --save-dev tsplay typescript @types/node   once: types for the editor and for the check before a run'

/** Whether the folder sees all that the line above installs. */
function hasTypes(folder: string): boolean {
  const { resolve: find } = createRequire(join(folder, 'site.ts'))
  return ['tsplay', 'typescript', '@types/node'].every((name) => {
    try {
      return find(`${name}/package.json`) !== ''
    } catch {
      return false
    }
  })
}

/** Whether the file was there, and kept. */
async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' })
    return false
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return true
    throw error
  }
}

async function guarded<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw new TsplayError(
      'USAGE',
      `${path} can not be written: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
}
